/** Sentences about where shards are. */
export const PLACE_MESSAGES = {
  'place.notOnDisk':
    '{0} is not a file on the disk of this machine, and a shard can be read only from there. Save a copy in a folder on disk, or clone the repository, and open the shard there.',
};
