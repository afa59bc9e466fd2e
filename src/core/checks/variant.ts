/** Chinese in the characters that a team settled on: simplified or traditional. */
import type { Check, FieldPair, Hit, Variant } from '../check';
import { baseLanguage, blankQuoted } from '../languageText';
import { say } from '../messages';

/**
 * Pairs of a simplified and a traditional character, frequent ones. Left out are those of which one form is a word of its own
 * in the other writing, too: 后 里 面 发 干 松 云 台 只 系 于 了 余 谷 几 斗 征 制 准 冲 千 向 复 借 占 种 and 乾 著 麼 於 藉 瞭.
 */
const PAIRS =
  '们們这這个個来來为為时時说說对對会會没沒还還过過学學国國么麽经經动動现現开開关關长長问問间間见見' +
  '无無实實两兩电電样樣头頭进進话話点點业業东東车車书書马馬鸟鳥鱼魚龙龍门門风風飞飛饭飯饮飲馆館钱錢' +
  '银銀铁鐵钟鐘错錯语語请請读讀谁誰课課谈談让讓认認识識议議论論记記讲講许許设設证證评評试試词詞译譯' +
  '详詳误誤调調谢謝计計订訂训訓讯訊访訪该該诉訴诗詩诚誠询詢诺諾谓謂谋謀护護报報财財责責贤賢败敗货貨' +
  '质質购購贵貴费費资資赛賽赞贊赢贏贸貿负負贡貢贝貝员員圆圓园園团團图圖围圍场場坏壞块塊坚堅坛壇坟墳' +
  '垒壘垦墾声聲处處备備够夠夹夾夺奪奋奮妇婦妈媽妆妝孙孫宁寧宝寶审審宫宮宽寬宾賓导導寻尋将將尔爾尝嘗' +
  '层層属屬岁歲岗崗岛島岭嶺币幣师師帅帥帐帳带帶帮幫广廣庄莊庆慶应應庙廟废廢张張弯彎弹彈强強归歸当當' +
  '录錄彻徹径徑忆憶忧憂怀懷态態总總恋戀恶惡恼惱悬懸惊驚惯慣愿願戏戲战戰户戶扑撲执執扩擴扫掃扬揚抚撫' +
  '抛拋抢搶担擔拟擬拥擁择擇挤擠挥揮损損换換掷擲搁擱摄攝摆擺敌敵数數断斷旧舊显顯晓曉暂暫术術机機杀殺' +
  '权權条條杨楊极極构構枪槍柜櫃标標栏欄树樹档檔桥橋梦夢检檢楼樓欢歡欧歐残殘毕畢汉漢汤湯沟溝泽澤洁潔' +
  '浅淺测測济濟浓濃涛濤润潤涨漲渐漸渔漁湾灣湿濕满滿滚滾灭滅灯燈灵靈灾災炉爐烦煩烧燒热熱爱愛爷爺牵牽' +
  '犹猶独獨狮獅猎獵猪豬猫貓献獻环環玛瑪画畫畅暢疗療疯瘋盐鹽监監盖蓋盘盤码碼确確础礎离離礼禮祸禍积積' +
  '称稱稳穩穷窮窃竊竞競笔筆笼籠签簽简簡类類粮糧紧緊纠糾红紅纤纖约約级級纪紀纯純纳納纸紙纷紛线線练練' +
  '组組细細织織终終绍紹绘繪给給络絡绝絕统統继繼绩績续續维維综綜绿綠缓緩编編缘緣缩縮网網罗羅罚罰职職' +
  '联聯聪聰肃肅肠腸肤膚肾腎胆膽胜勝脑腦脸臉腾騰舰艦艺藝节節苏蘇苹蘋荐薦荣榮药藥莲蓮获獲营營萧蕭蓝藍' +
  '虑慮虫蟲虽雖补補袭襲装裝观觀规規视視览覽觉覺触觸誉譽讨討趋趨践踐轨軌转轉轮輪软軟轻輕载載较較辅輔' +
  '辆輛辈輩输輸辞辭边邊达達迁遷运運远遠违違连連迟遲适適选選递遞遗遺邮郵邻鄰郑鄭酱醬释釋针針钢鋼键鍵' +
  '锁鎖镇鎮镜鏡闭閉闻聞阅閱阔闊队隊阳陽阴陰阵陣阶階际際陆陸陈陳险險随隨隐隱难難雾霧静靜页頁顶頂项項' +
  '顺順须須预預领領频頻题題颜顏额額顾顧驱驅驾駕验驗骑騎骗騙鸡雞鸭鴨麦麥齐齊齿齒龄齡龟龜亚亞产產亲親' +
  '亿億仅僅从從仓倉众眾优優伟偉传傳伤傷伦倫伪偽体體侠俠侧側债債倾傾偿償儿兒兰蘭兴興养養兽獸写寫军軍' +
  '农農冻凍凤鳳凭憑击擊则則刚剛创創删刪剂劑剑劍剧劇劝勸办辦务務劳勞势勢励勵区區医醫华華协協单單卖賣' +
  '卫衛厂廠厅廳历歷压壓厌厭厕廁县縣参參双雙变變叶葉号號叹嘆吓嚇听聽启啟吴吳呕嘔响響哑啞唤喚啸嘯喷噴' +
  '乐樂价價买買亏虧争爭举舉义義乡鄉习習仪儀侨僑俭儉储儲党黨冯馮刘劉卢盧厦廈吨噸哗嘩哟喲嘱囑圣聖坠墜' +
  '墙牆壮壯壳殼娱娛婴嬰宪憲宠寵寿壽尘塵尽盡巩鞏帜幟库庫弃棄异異弥彌怜憐恳懇惩懲惭慚愤憤懒懶扰擾拦攔' +
  '拨撥拢攏捞撈揽攬搂摟摊攤撑撐敛斂斋齋昼晝晕暈杂雜枣棗毙斃氢氫沧滄沪滬泼潑泻瀉洒灑浆漿浇澆涡渦涩澀' +
  '渊淵滤濾滥濫滨濱滩灘潜潛澜瀾炼煉炽熾烛燭烂爛牺犧状狀琐瑣疮瘡痒癢瘾癮皱皺睁睜矫矯矿礦砖磚硕碩祷禱' +
  '税稅竖豎筹籌篮籃纲綱纵縱纹紋纺紡纽紐绅紳绒絨结結绕繞绳繩绵綿缴繳罢罷耸聳聋聾胀脹胁脅胶膠脱脫舆輿' +
  '舱艙艰艱茎莖荡蕩莹瑩萤螢蔷薔蚀蝕蚁蟻蛮蠻蜗蝸衬襯裤褲诊診诞誕诱誘诵誦谅諒谎謊谐諧谜謎谣謠谦謙谨謹' +
  '贞貞贪貪贫貧贬貶贯貫贴貼贺賀贼賊赁賃赋賦赌賭赏賞赔賠赖賴赠贈赶趕跃躍轰轟轴軸轿轎辑輯辖轄辩辯辽遼' +
  '逊遜遥遙酿釀钉釘钓釣钙鈣钥鑰钩鉤钻鑽铃鈴铅鉛铜銅铺鋪链鏈销銷锅鍋锋鋒锐銳锦錦闪閃闯闖闲閒闷悶闹鬧' +
  '阁閣陕陝隶隸韩韓韵韻顽頑颁頒颂頌颇頗颈頸颗顆颠顛飘飄饥飢饰飾饱飽饼餅馈饋驰馳驳駁驶駛骂罵骄驕骤驟' +
  '鲁魯鲜鮮鸣鳴鸽鴿鹅鵝鹰鷹黄黃龚龔';

const SIMPLIFIED = new Set<string>();
const TRADITIONAL = new Set<string>();
for (let index = 0; index < PAIRS.length; index += 2) {
  SIMPLIFIED.add(PAIRS.charAt(index));
  TRADITIONAL.add(PAIRS.charAt(index + 1));
}
const OTHER: Readonly<Record<Variant, RegExp>> = {
  Hans: new RegExp(`[${[...TRADITIONAL].join('')}]`, 'g'),
  Hant: new RegExp(`[${[...SIMPLIFIED].join('')}]`, 'g'),
};

/** One may be a name; of a text that is as short as this share, one is much. */
const MIN_CHARACTERS = 2;
const MIN_SHARE = 0.2;
const HAN = /[\u4e00-\u9fff]/g;
/** Japanese, which a translation task asks for. */
const KANA = /[\u3041-\u30ff]/;
/** A task about the two ways to write. */
const ABOUT_VARIANTS = /\b(?:traditional|simplified|hanzi|kanji|calligraphy|Chinese characters?)\b/i;

/** Of Chinese alone: Japanese shares characters with both. */
export const VARIANT: Check = {
  id: 'variant',
  title: 'check.variant',
  severity: 'warning',
  needs: ['variant'],
  run: ({ input, pairs }) => {
    const wanted = input.settings?.variant;
    if (!wanted || baseLanguage(input.targetLang) !== 'zh') return [];
    if (input.source.some(({ text }) => ABOUT_VARIANTS.test(text))) return [];
    return pairs.flatMap(pair => variantHit(pair, wanted));
  },
};

function variantHit({ name: field, target }: FieldPair, wanted: Variant): Hit[] {
  const places = Array.from(target.matchAll(OTHER[wanted]), ({ index }) => index);
  if (places.length === 0 || KANA.test(target)) return [];
  // What is quoted may be written as it was.
  const text = blankQuoted(target);
  const found = places.filter(index => text.charAt(index) !== ' ');
  const [start] = found;
  const last = found.at(-1);
  if (start === undefined || last === undefined) return [];
  if (found.length < MIN_CHARACTERS && found.length < MIN_SHARE * (text.match(HAN)?.length ?? 0)) return [];
  const shown = [...new Set(found.map(index => text.charAt(index)))].slice(0, MAX_SHOWN).join(' ');
  const id = wanted === 'Hans' ? 'terms.variantHans' : 'terms.variantHant';
  return [{ field, start, end: last + 1, message: say(id, shown) }];
}

const MAX_SHOWN = 10;
