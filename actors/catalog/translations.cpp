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
  {"search find query lookup",
   "搜索 查询 检索 查找 検索 suchen suche buscar chercher rechercher recherche 검색 찾기 procurar pesquisar cercare поиск "
   "поиска найти найди искать"},
  {"get fetch retrieve read",
   "获取 读取 取得 holen abrufen lesen obtener leer obtenir lire 읽기 조회 読む ler obter leggere получить прочитать "
   "прочитай чтение"},
  {"list", "列表 列出 一覧 auflisten liste listar lister 목록 elenco список"},
  {"create make generate", "创建 生成 作成 erstellen erzeugen crear generar creer 생성 criar gerar creare создать создай создание"},
  {"add insert", "添加 新增 追加 hinzufugen anadir agregar ajouter 추가 adicionar aggiungere добавить добавь"},
  {"write save",
   "写入 保存 schreiben speichern escribir guardar ecrire enregistrer 쓰기 저장 書く escrever salvar scrivere salvare "
   "записать сохранить сохрани"},
  {"delete remove", "删除 移除 削除 loschen entfernen eliminar borrar supprimer 삭제 excluir apagar eliminare удалить удали удаление"},
  {"update edit modify",
   "更新 修改 编辑 編集 aktualisieren bearbeiten andern actualizar editar modifier 수정 atualizar aggiornare modificare "
   "обновить изменить редактировать"},
  {"send", "发送 送信 senden enviar envoyer 전송 送る inviare отправить отправь"},
  {"run execute", "执行 运行 実行 ausfuhren ejecutar executer 실행 executar eseguire запустить выполнить"},
  {"convert transform", "转换 変換 umwandeln umrechnen convertir"},
  {"calculate compute", "计算 計算 berechnen rechnen calcular calculer"},
  {"translate translation",
   "翻译 翻訳 ubersetzen ubersetzung traducir traduire traduction 번역 traduzir traducao tradurre traduzione "
   "перевод переведи перевести"},
  {"download", "下载 herunterladen descargar telecharger 다운 baixar scaricare скачать скачай"},
  {"upload", "上传 hochladen subir"},
  {"open", "打开 offnen abrir ouvrir 열기 aprire открыть открой"},
  {"compare", "对比 比较 比較 vergleichen comparar comparer 비교 confrontare сравнить сравни"},
  {"analyze analysis", "分析 解析 analysieren analizar analyser 분석 analisar analizzare анализ проанализируй"},
  {"summarize summary",
   "摘要 总结 要約 zusammenfassen zusammenfassung resumir resumen resumer 요약 resumo riassunto riassumere пересказ "
   "резюме"},
  // What tools are about.
  {"news headline", "新闻 资讯 头条 nachrichten noticias actualites 뉴스 notizie новости новостей"},
  {"trending popular hot trend", "热榜 热门 热搜 趋势 流行 人気"},
  {"rank ranking leaderboard top", "排行 榜单 排名 rangliste clasificacion classement"},
  {"discount deal bargain cheap coupon", "优惠 折扣 特价 割引 rabatt angebot descuento oferta"},
  {"price cost", "价格 价钱 価格 料金 preis kosten precio coste prix 가격 preco prezzo цена цены цену"},
  {"shop shopping product", "购物 商品 产品 einkaufen produkt comprar producto produit"},
  {"order", "订单 注文 bestellung pedido commande"},
  {"payment pay", "支付 付款 zahlung pago paiement"},
  {"finance financial economy", "财经 金融 经济 経済 finanzen wirtschaft finanzas"},
  {"stock share", "股票 股市 株価 株式 aktie acciones bourse 주식 주가 acoes azioni акции акций"},
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
  {"weather forecast",
   "天气 天気 预报 予報 wetter vorhersage tiempo clima pronostico meteo 날씨 예보 previsao previsioni погода погоду "
   "погоды прогноз"},
  {"map", "地图 地図 karte mapa carte 지도 mappa карта карте карту"},
  {"address location place", "地址 地点 位置 住所 adresse ort standort direccion lugar lieu 주소 위치 endereco indirizzo адрес место"},
  {"route direction navigation", "路线 导航 路径 経路 strecke ruta 경로 percorso маршрут"},
  {"distance", "距离 距離 entfernung distancia"},
  {"city", "城市 都市 stadt ciudad ville 도시 cidade citta город"},
  {"travel trip tourism", "旅游 旅行 出行 観光 reise viaje voyage 여행 viagem viaggio поездка путешествие"},
  {"train railway", "火车 列车 高铁 铁路 電車 zug bahn tren 기차 열차 trem treno поезд поезда"},
  {"station", "车站 bahnhof estacion gare estacao stazione вокзал станция"},
  {"ticket", "车票 余票 门票 fahrkarte billete billet bilhete biglietto билет билеты"},
  {"flight airline", "航班 机票 航空 flug vuelo vol 항공 voo volo рейс рейсы авиабилеты"},
  {"hotel", "酒店 宾馆 旅館 호텔 albergo отель гостиница"},
  {"restaurant", "餐厅 餐馆 식당 restaurante ristorante ресторан рестораны"},
  {"recipe dish cook food", "菜谱 食谱 菜品 美食 料理 rezept kochen receta cocina recette 요리 receita ricetta рецепт рецепты"},
  {"car automobile vehicle", "汽车 车辆 自動 fahrzeug coche vehiculo voiture"},
  {"time", "时间 時間 zeit uhrzeit hora heure 시간 время времени"},
  {"date", "日期 日付 datum fecha 날짜 дата дату"},
  {"calendar event", "日历 日程 活动 予定 kalender termin calendario evento calendrier evenement 일정 달력 календарь событие события"},
  {"task todo", "任务 待办 aufgabe tarea tache 할일 tarefa compito задача задачи задачу"},
  {"note", "笔记 备注 notiz nota 메모 заметка заметки заметку"},
  {"message chat", "消息 聊天 nachricht mensaje 채팅 mensagem messaggio сообщение сообщения"},
  {"email mail", "邮件 邮箱 correo courriel 메일 почта письмо письма"},
  {"user account member", "用户 账户 账号 会员 benutzer konto usuario cuenta utilisateur compte 계정 utente пользователь пользователя"},
  {"comment review", "评论 评价 kommentar bewertung comentario commentaire avis"},
  {"article post blog", "文章 帖子 博客 記事 artikel beitrag articulo 기사 artigo articolo статья статьи статей"},
  {"paper publication", "论文 期刊 論文 논문"},
  {"file", "文件 档案 datei archivo fichier 파일 ァイ arquivo файл файлы файла файлов"},
  {"folder directory", "目录 文件夹 ordner verzeichnis carpeta directorio dossier 폴더 cartella папка папку каталог"},
  {"document", "文档 文書 dokument documento 문서 документ документы документа"},
  {"table spreadsheet", "表格 tabelle tabla hoja tableau planilha tabela tabella таблица таблицу таблицы"},
  {"chart graph plot", "图表 diagramm grafico graphique 차트 график диаграмма диаграмму"},
  {"slide presentation", "幻灯 演示 prasentation folie presentacion diapositiva 발표 apresentacao presentazione презентация презентацию"},
  {"image picture photo", "图片 图像 照片 画像 写真 bild foto imagen image 사진 imagem immagine изображение изображения картинка картинку фото"},
  {"audio voice speech", "音频 语音 音声 sprache voz 음성 аудио голос"},
  {"text", "文本 文字 текст текста"},
  {"data", "数据 daten datos donnees dados данные данных"},
  {"database", "数据库 datenbank"},
  {"code program", "代码 程序 quellcode codigo 코드 codice код кода"},
  {"repository repo", "仓库 репозиторий"},
  {"project", "项目 projekt proyecto projet projeto progetto проект проекта"},
  {"website page web", "网站 网页 webseite seite sitio pagina сайт сайта страница страницу страницы"},
  {"browser", "浏览 navegador navigateur браузер"},
  {"password", "密码 passwort kennwort contrasena 암호 senha пароль"},
  {"random", "随机 zufall zufallig aleatorio"},
  {"number", "数字 号码 zahl nummer numero nombre число номер"},
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
