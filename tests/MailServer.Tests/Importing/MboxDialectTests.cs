using System.Globalization;
using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Importing;

namespace MailServer.Tests.Importing;

/// <summary>Every mbox dialect that programs are known to write, with a small file for each.</summary>
public sealed class MboxDialectTests : IDisposable
{
    private const string From = "From a@b.example Sat May  4 03:02:01 2019\n";
    private const string Date = "2019-05-04T03:02:01Z";

    /// <summary>The expected content of a file: a line each for folder, flags, keywords, date (UTC), subject and body.</summary>
    private static readonly Dictionary<string, (string File, string[] Messages)> DialectCases = new(StringComparer.Ordinal)
    {
        ["plain"] = ($"{From}Subject: one\n\nx\n\n{From}Subject: two\n\ny\n", [M("one", "x\n"), M("two", "y\n")]),
        ["CRLF"] = ($"{From}Subject: one\n\nx\n\n{From}Subject: two\n\ny\n".Replace("\n", "\r\n", StringComparison.Ordinal), [M("one", "x\r\n"), M("two", "y\r\n")]),
        ["byte order mark"] = ($"\u00EF\u00BB\u00BF{From}Subject: one\n\nx\n", [M("one", "x\n")]),
        ["empty lines first"] = ($"\n\r\n\n{From}Subject: one\n\nx\n", [M("one", "x\n")]),
        ["empty file"] = ("", []),
        ["last line without end"] = ($"{From}Subject: one\n\nx", [M("one", "x")]),
        ["no empty line before From"] = ($"{From}Subject: one\n\nx\n{From}Subject: two\n\ny\n", [M("one", "x\n"), M("two", "y\n")]),
        ["text like From after an empty line"] = ($"{From}Subject: one\n\nx\n\nFrom here on it is text.\nmore\n", [M("one", "x\n\nFrom here on it is text.\nmore\n")]),
        ["text like From without an empty line"] = ($"{From}Subject: one\n\nx\nFrom me: hello\n", [M("one", "x\nFrom me: hello\n")]),
        ["date in text without an empty line"] = ($"{From}Subject: one\n\nx\n{From}and text\n", [M("one", $"x\n{From}and text\n")]),

        ["sender with spaces"] = (F("\"Anna B. Example\" on behalf of <a@b.example> Sat May  4 03:02:01 2019"), [M("one", "x\n")]),
        ["sender with a day in it"] = (F("Sat May Example Sat May  4 03:02:01 2019"), [M("one", "x\n")]),
        ["no sender"] = (F("Sat May  4 03:02:01 2019"), [M("one", "x\n")]),
        ["dash for the sender"] = (F("- Sat May 04 03:02:01 2019"), [M("one", "x\n")]),
        ["unknown sender"] = (F("???@??? Sat May 04 03:02:01 2019"), [M("one", "x\n")]),
        ["zone before the year"] = (F("1632812345678901234@xxx Sat May 04 05:02:01 +0200 2019"), [M("one", "x\n")]),
        ["zone after the year"] = (F("a@b Sat May  4 05:02:01 2019 +0200"), [M("one", "x\n")]),
        ["negative zone"] = (F("a@b Fri May  3 20:02:01 -0700 2019"), [M("one", "x\n")]),
        ["named zone before the year"] = (F("a@b Fri May  3 20:02:01 PDT 2019"), [M("one", "x\n")]),
        ["named zone after the year"] = (F("a@b Sat May  4 03:02:01 2019 GMT"), [M("one", "x\n")]),
        ["zone of two words"] = (F("a@b Sat May  4 05:02:01 MET DST 2019"), [M("one", "x\n")]),
        ["no seconds"] = (F("a@b Sat May  4 03:02 2019"), [M("one", "x\n", date: "2019-05-04T03:02:00Z")]),
        ["day before the month"] = (F("a@b Sat, 4 May 2019 03:02:01 +0000"), [M("one", "x\n")]),
        ["UUCP"] = (F("ann Sat May  4 03:02:01 2019 remote from host7"), [M("one", "x\n")]),

        ["From without a date: Received"] = ($"From a@b\n{Received}Date: Mon, 1 Jan 2018 00:00:00 +0000\nSubject: one\n\nx\n", [M("one", "x\n")]),
        ["From of 1970: Received"] = ($"From - Thu Jan  1 00:00:00 1970\n{Received}Subject: one\n\nx\n", [M("one", "x\n")]),
        ["From with an impossible date: Received"] = ($"From a@b Sat Foo 99 03:02:01 2019\n{Received}Subject: one\n\nx\n", [M("one", "x\n")]),
        ["the first Received counts"] = ($"From a@b\n{Received}Received: from c by d; Fri, 3 May 2019 00:00:00 +0000\nSubject: one\n\nx\n", [M("one", "x\n")]),
        ["Received without a date: Date"] = ("From a@b\nReceived: from c by d\nDate: Sat, 4 May 2019 05:02:01 +0200\nSubject: one\n\nx\n", [M("one", "x\n")]),
        ["only Date"] = ("From a@b\nDate: Sat, 4 May 2019 05:02:01 +0200\nSubject: one\n\nx\n", [M("one", "x\n")]),
        ["no date at all"] = ("From a@b\nSubject: one\n\nx\n", [M("one", "x\n", date: "1970-01-01T00:00:00Z")]),
        ["no From line"] = ($"{Received}Subject: one\n\nx\n", [M("one", "x\n")]),
        ["no From line, then one"] = ($"{Received}Subject: one\n\nx\n\n{From}Subject: two\n\ny\n", [M("one", "x\n"), M("two", "y\n")]),

        ["mboxrd"] = ($"{From}Subject: one\n\n>From a\n>>From b\n>>>From c\n> From d\n", [M("one", "From a\n>From b\n>>From c\n> From d\n")]),
        ["mboxrd around a reply"] = ($"{From}Subject: one\n\n>>hello\n>>>From b\n>>more\n>From c\n", [M("one", ">>hello\n>>From b\n>>more\nFrom c\n")]),
        ["mboxo around a reply"] = ($"{From}Subject: one\n\n>>hello\n>>From b\n>>more\n\n>From c\n", [M("one", ">>hello\n>>From b\n>>more\n\nFrom c\n")]),
        ["mboxcl2"] = (Cl2("one", "x\n\nFrom a@b.example Sat May  4 03:02:01 2019\nSubject: not one\n\n>From y\n") + Cl2("two", "z\n"),
            [M("one", "x\n\nFrom a@b.example Sat May  4 03:02:01 2019\nSubject: not one\n\n>From y\n"), M("two", "z\n")]),
        ["mboxcl2 that ends with empty lines"] = (Cl2("one", "x\n\n\n") + Cl2("two", "z\n"), [M("one", "x\n\n\n"), M("two", "z\n")]),
        ["mboxcl"] = (Cl2("one", ">From x\n") + Cl2("two", "z\n"), [M("one", "From x\n"), M("two", "z\n")]),
        ["wrong Content-Length"] = ($"{From}Subject: one\nContent-Length: 3\n\nxxxxxxx\n\n{From}Subject: two\nContent-Length: 99999999999\n\ny\n", [M("one", "xxxxxxx\n"), M("two", "y\n")]),
        ["Content-Length that is no number"] = ($"{From}Subject: one\nContent-Length: -7\n\nx\n", [M("one", "x\n")]),

        ["Status"] = ($"{From}Subject: one\nStatus: RO\n\nx\n", [M("one", "x\n", "Seen")]),
        ["Status deleted"] = ($"{From}Subject: one\nStatus: D\n\nx\n", [M("one", "x\n", "Deleted")]),
        ["X-Status"] = ($"{From}Subject: one\nStatus: RO\nX-Status: AFDT\n\nx\n", [M("one", "x\n", "Seen, Answered, Flagged, Deleted, Draft")]),
        ["X-Keywords"] = ($"{From}Subject: one\nX-Keywords: $Work, Family NonJunk\n\nx\n", [M("one", "x\n", keywords: "$Work Family NonJunk")]),
        ["X-Keywords that are no atoms"] = ($"{From}Subject: one\nX-Keywords: a(b) \\Seen %% ok\n\nx\n", [M("one", "x\n", keywords: "a_b_ ok")]),
        ["Mozilla read"] = ($"{From}X-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000000\nSubject: one\n\nx\n", [M("one", "x\n", "Seen")]),
        ["Mozilla all"] = ($"{From}X-Mozilla-Status: 100f\nX-Mozilla-Status2: 00800000\nSubject: one\n\nx\n", [M("one", "x\n", "Seen, Answered, Flagged, Deleted", "$Forwarded $MDNSent")]),
        ["Mozilla deleted on a server"] = ($"{From}X-Mozilla-Status2: 00200000\nSubject: one\n\nx\n", [M("one", "x\n", "Deleted")]),
        ["Mozilla old label"] = ($"{From}X-Mozilla-Status2: 06000000\nSubject: one\n\nx\n", [M("one", "x\n", keywords: "$label3")]),
        ["Mozilla keys"] = ($"{From}X-Mozilla-Keys: $label1 NonJunk                          \nSubject: one\n\nx\n", [M("one", "x\n", keywords: "$label1 NonJunk")]),
        ["Mozilla status that is no number"] = ($"{From}X-Mozilla-Status: zzzz\nSubject: one\n\nx\n", [M("one", "x\n")]),

        ["Gmail inbox"] = (G("Inbox,Opened"), [M("one", "x\n", "Seen")]),
        ["Gmail unread and starred"] = (G("Inbox,Unread,Starred,Category Personal"), [M("one", "x\n", "Flagged")]),
        ["Gmail important with labels"] = (G("Inbox,Important,Work,Tax/2019"), [M("one", "x\n", "Seen", "$Important Tax/2019 Work")]),
        ["Gmail own label"] = (G("Archived,Opened,Work/Tax 2019,Family"), [M("one", "x\n", "Seen", "Family", folder: "Work/Tax 2019")]),
        ["Gmail quoted label"] = (G("\"Bills, paid\",Archived"), [M("one", "x\n", "Seen", folder: "Bills, paid")]),
        ["Gmail encoded and folded label"] = (G("=?UTF-8?Q?Archived,Gel=C3=B6?=\n =?UTF-8?Q?scht?="), [M("one", "x\n", "Seen", folder: "Gelöscht")]),
        ["Gmail sent"] = (G("Sent,Opened"), [M("one", "x\n", "Seen", folder: "Sent")]),
        ["Gmail draft"] = (G("Draft"), [M("one", "x\n", "Seen, Draft", folder: "Drafts")]),
        ["Gmail spam"] = (G("Spam,Unread"), [M("one", "x\n", folder: "Junk")]),
        ["Gmail trash"] = (G("Trash,Inbox"), [M("one", "x\n", "Seen", folder: "Trash")]),
        ["Gmail archived"] = (G("Archived,Opened,Category Updates"), [M("one", "x\n", "Seen", folder: "Archive")]),
        ["Gmail label that no folder can have"] = (G("../x,Archived"), [M("one", "x\n", "Seen", "../x", folder: "Archive")]),
        ["Gmail without labels"] = (G(""), [M("one", "x\n")]),

        ["folder internal data"] = (
            $"From MAILER-DAEMON Sat May  4 03:02:01 2019\nFrom: Mail System Internal Data <MAILER-DAEMON@old.example>\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\nX-IMAP: 1 2\n\nThis text is part of the folder.\n\n{From}Subject: one\n\nx\n",
            [M("one", "x\n")]),
        ["mail about folder internal data"] = ($"{From}From: ann@b.example\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n\nx\n", [M("DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA", "x\n")]),
    };

    private readonly string _file = Path.GetTempFileName();

    private static string Received => "Received: from c.example (c.example [192.0.2.1])\n by d.example with ESMTPS id 1;\n Sat, 4 May 2019 05:02:01 +0200 (CEST)\n";

    public static TheoryData<string> Cases() => [.. DialectCases.Keys];

    public void Dispose() => File.Delete(_file);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_file_of_each_dialect_is_parsed_as_its_writer_meant_it(string name)
    {
        var (file, expected) = DialectCases[name];
        Write(file);
        var found = await ReadAsync(folder: null);
        Assert.Equal(expected, found.Cast<SourceMessage>().Select(Describe));
    }

    [Fact]
    public async Task A_requested_folder_takes_all_messages_whatever_their_labels()
    {
        Write(G("Inbox,Work"));
        var message = (SourceMessage)Assert.Single(await ReadAsync(FolderName.Parse("Old")));
        Assert.Equal("Old", message.Folder.Value);
        Assert.Equal(["Work"], message.Flags.Keywords.Keywords);
    }

    [Theory]
    [InlineData("server:\n  hostname: mail.example.org\ndomains: []\n")]
    [InlineData("<html>\n")]
    [InlineData("\0\0\0\0")]
    [InlineData("\u0001\u0001\u0001\u0001\nSubject: MMDF\n\nx\n\u0001\u0001\u0001\u0001\n")]
    [InlineData("BABYL OPTIONS:\nVersion: 5\nSubject: x\n")]
    [InlineData("From a@b.example Sat May  4 03:02:01 2019\rSubject: one\r\rx\r\rFrom a@b.example Sat May  4 03:02:01 2019\rSubject: two\r\ry\r")]
    [InlineData("Subject: one\rDate: x\r\rx\r")]
    public void A_file_without_mail_is_not_an_mbox_file(string content)
    {
        Write(content);
        Assert.Throws<InvalidDataException>(() => new MboxSource(_file, null, 1_000));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_over_the_limit_is_refused_by_its_position_and_the_others_are_read(bool withLength)
    {
        var body = string.Concat(Enumerable.Repeat("0123456789\n", 100_000));
        Write($"{From}Subject: one\n\nx\n\n{From}Message-ID: <large@b.example>\n{(withLength ? $"Content-Length: {body.Length}\n" : "")}Subject: large\n\n{body}\n{From}Subject: two\n\ny\n");
        var found = await ReadAsync(null, maxMessage: 100_000);
        Assert.Equal(3, found.Count);
        var refused = Assert.IsType<SourceRefusal>(found[1]);
        Assert.Equal("<large@b.example>", refused.MessageId);
        Assert.EndsWith(string.Create(CultureInfo.InvariantCulture, $"offset {From.Length + "Subject: one\n\nx\n\n".Length}"), refused.Where, StringComparison.Ordinal);
    }

    private static string M(string subject, string body, string flags = "None", string keywords = "", string date = Date, string folder = "INBOX") =>
        string.Join(" | ", folder, flags, keywords, date, subject, body);

    private static string F(string rest) => $"From {rest}\nSubject: one\n\nx\n";

    private static string G(string labels) =>
        $"From 1632812345678901234@xxx Sat May 04 03:02:01 +0000 2019\nX-GM-THRID: 1632812345678901234\nX-Gmail-Labels: {labels}\nSubject: one\n\nx\n";

    private static string Cl2(string subject, string body) => $"{From}Subject: {subject}\nContent-Length: {body.Length}\n\n{body}\n";

    private static string Describe(SourceMessage message)
    {
        var text = Encoding.Latin1.GetString(message.Content.Span);
        var (line, end) = text.Contains("\r\n\r\n", StringComparison.Ordinal) ? ("\r\n", "\r\n\r\n") : ("\n", "\n\n");
        var body = text.IndexOf(end, StringComparison.Ordinal);
        var subject = text[..body].Split(line).Single(static l => l.StartsWith("Subject: ", StringComparison.Ordinal))["Subject: ".Length..];
        return M(
            subject, text[(body + end.Length)..], message.Flags.System.ToString(), string.Join(' ', message.Flags.Keywords.Keywords),
            message.Date.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), message.Folder.Value);
    }

    private void Write(string content) => File.WriteAllBytes(_file, Encoding.Latin1.GetBytes(content));

    private async Task<List<SourceItem>> ReadAsync(FolderName? folder, long maxMessage = 1_000_000)
    {
        var found = new List<SourceItem>();
        await foreach (var item in new MboxSource(_file, folder, maxMessage).ReadAsync(CancellationToken.None)) found.Add(item);
        return found;
    }
}
