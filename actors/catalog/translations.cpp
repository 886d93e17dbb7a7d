#include "actors/catalog/translations.hpp"

#include "actors/catalog/text_analysis.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hub {

namespace {

struct translated {
  std::string_view english;

  /// Words in scripts without spaces have two characters here, since those are
  /// indexed by pairs: a longer one would match by any of its pairs.
  std::string_view others;
};

constexpr translated entries[] = {
  // Verbs.
  {"search find query lookup", "搜索 查询 检索 查找 検索 suchen suche buscar chercher rechercher recherche"},
  {"get fetch retrieve read", "获取 读取 取得 holen abrufen lesen obtener leer obtenir lire"},
  {"list", "列表 列出 一覧 auflisten liste listar lister"},
  {"create make generate", "创建 生成 作成 erstellen erzeugen crear generar creer"},
  {"add insert", "添加 新增 追加 hinzufugen anadir agregar ajouter"},
  {"write save", "写入 保存 schreiben speichern escribir guardar ecrire enregistrer"},
  {"delete remove", "删除 移除 削除 loschen entfernen eliminar borrar supprimer"},
  {"update edit modify", "更新 修改 编辑 編集 aktualisieren bearbeiten andern actualizar editar modifier"},
  {"send", "发送 送信 senden enviar envoyer"},
  {"run execute", "执行 运行 実行 ausfuhren ejecutar executer"},
  {"convert transform", "转换 変換 umwandeln umrechnen convertir"},
  {"calculate compute", "计算 計算 berechnen rechnen calcular calculer"},
  {"translate translation", "翻译 翻訳 ubersetzen ubersetzung traducir traduire traduction"},
  {"download", "下载 herunterladen descargar telecharger"},
  {"upload", "上传 hochladen subir"},
  {"open", "打开 offnen abrir ouvrir"},
  {"compare", "对比 比较 比較 vergleichen comparar comparer"},
  {"analyze analysis", "分析 解析 analysieren analizar analyser"},
  {"summarize summary", "摘要 总结 要約 zusammenfassen zusammenfassung resumir resumen resumer"},
  // What tools are about.
  {"news headline", "新闻 资讯 头条 nachrichten noticias actualites"},
  {"trending popular hot trend", "热榜 热门 热搜 趋势 流行 人気"},
  {"rank ranking leaderboard top", "排行 榜单 排名 rangliste clasificacion classement"},
  {"discount deal bargain cheap coupon", "优惠 折扣 特价 割引 rabatt angebot descuento oferta"},
  {"price cost", "价格 价钱 価格 料金 preis kosten precio coste prix"},
  {"shop shopping product", "购物 商品 产品 einkaufen produkt comprar producto produit"},
  {"order", "订单 注文 bestellung pedido commande"},
  {"payment pay", "支付 付款 zahlung pago paiement"},
  {"finance financial economy", "财经 金融 经济 経済 finanzen wirtschaft finanzas"},
  {"stock share", "股票 股市 株価 株式 aktie acciones bourse"},
  {"fund", "基金 投信 fonds"},
  {"exchange currency", "汇率 货币 通貨 wahrung divisa moneda devise"},
  {"technology tech", "科技 技术 技術 technik tecnologia"},
  {"electronics gadget digital", "数码 电子 電子 elektronik electronica"},
  {"business company enterprise", "商业 企业 公司 会社 unternehmen firma empresa entreprise"},
  {"startup", "创业"},
  {"game gaming", "游戏 spiel juego jeu"},
  {"movie film", "电影 映画 pelicula cine"},
  {"video", "视频 動画"},
  {"book", "图书 书籍 书单 buch libro livre"},
  {"music song", "音乐 歌曲 音楽 musik musica musique"},
  {"sport", "体育 运动 deporte"},
  {"entertainment", "娱乐 娯楽 unterhaltung"},
  {"society social", "社会 社交 sociedad societe"},
  {"international global world", "国际 全球 世界 国際"},
  {"politics government", "政治 政府 时政 politik regierung politica gobierno politique"},
  {"health medical medicine", "健康 医疗 医療 gesundheit salud sante"},
  {"education school", "教育 学校 bildung schule escuela ecole"},
  {"job career recruitment", "招聘 职位 求人 stelle empleo emploi"},
  {"weather forecast", "天气 天気 预报 予報 wetter vorhersage tiempo clima pronostico meteo"},
  {"map", "地图 地図 karte mapa carte"},
  {"address location place", "地址 地点 位置 住所 adresse ort standort direccion lugar lieu"},
  {"route direction navigation", "路线 导航 路径 経路 strecke ruta"},
  {"distance", "距离 距離 entfernung distancia"},
  {"city", "城市 都市 stadt ciudad ville"},
  {"travel trip tourism", "旅游 旅行 出行 観光 reise viaje voyage"},
  {"train railway", "火车 列车 高铁 铁路 電車 zug bahn tren"},
  {"station", "车站 bahnhof estacion gare"},
  {"ticket", "车票 余票 门票 fahrkarte billete billet"},
  {"flight airline", "航班 机票 航空 flug vuelo vol"},
  {"hotel", "酒店 宾馆 旅館"},
  {"restaurant", "餐厅 餐馆"},
  {"recipe dish cook food", "菜谱 食谱 菜品 美食 料理 rezept kochen receta cocina recette"},
  {"car automobile vehicle", "汽车 车辆 自動 fahrzeug coche vehiculo voiture"},
  {"time", "时间 時間 zeit uhrzeit hora heure"},
  {"date", "日期 日付 datum fecha"},
  {"calendar event", "日历 日程 活动 予定 kalender termin calendario evento calendrier evenement"},
  {"task todo", "任务 待办 aufgabe tarea tache"},
  {"note", "笔记 备注 notiz nota"},
  {"message chat", "消息 聊天 nachricht mensaje"},
  {"email mail", "邮件 邮箱 correo courriel"},
  {"user account member", "用户 账户 账号 会员 benutzer konto usuario cuenta utilisateur compte"},
  {"comment review", "评论 评价 kommentar bewertung comentario commentaire avis"},
  {"article post blog", "文章 帖子 博客 記事 artikel beitrag articulo"},
  {"paper publication", "论文 期刊 論文"},
  {"file", "文件 档案 datei archivo fichier"},
  {"folder directory", "目录 文件夹 ordner verzeichnis carpeta directorio dossier"},
  {"document", "文档 文書 dokument documento"},
  {"table spreadsheet", "表格 tabelle tabla hoja tableau"},
  {"chart graph plot", "图表 diagramm grafico graphique"},
  {"slide presentation", "幻灯 演示 prasentation folie presentacion diapositiva"},
  {"image picture photo", "图片 图像 照片 画像 写真 bild foto imagen image"},
  {"audio voice speech", "音频 语音 音声 sprache voz"},
  {"text", "文本 文字"},
  {"data", "数据 daten datos donnees"},
  {"database", "数据库 datenbank"},
  {"code program", "代码 程序 quellcode codigo"},
  {"repository repo", "仓库"},
  {"project", "项目 projekt proyecto projet"},
  {"website page web", "网站 网页 webseite seite sitio pagina"},
  {"browser", "浏览 navegador navigateur"},
  {"password", "密码 passwort kennwort contrasena"},
  {"random", "随机 zufall zufallig aleatorio"},
  {"number", "数字 号码 zahl nummer numero nombre"},
};

class translation_table {
public:
  translation_table() {
    for (auto& entry : entries) {
      auto english = terms_of(entry.english, stop_words::keep);
      auto others = terms_of(entry.others, stop_words::keep);
      for (auto& a : english)
        for (auto& b : others)
          if (a != b) {
            add(a, b);
            add(b, a);
          }
    }
  }

  std::span<const std::string> find(const std::string& term) const {
    auto found = others_.find(term);
    if (found == others_.end())
      return {};
    return found->second;
  }

private:
  void add(const std::string& from, const std::string& to) {
    auto& known = others_[from];
    if (std::find(known.begin(), known.end(), to) == known.end())
      known.push_back(to);
  }

  std::unordered_map<std::string, std::vector<std::string>> others_;
};

} // namespace

std::span<const std::string> translations_of(const std::string& term) {
  static const translation_table table;
  return table.find(term);
}

} // namespace hub
