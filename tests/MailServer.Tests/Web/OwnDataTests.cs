using System.IO.Compression;
using System.Net;
using System.Text;

namespace MailServer.Tests.Web;

/// <summary>Export and import of a user's own mail, calendars and contacts on the page: what was exported from one account arrives in another, once.</summary>
public sealed class OwnDataTests(TestNode node) : IClassFixture<TestNode>
{
    private const string Gus = "gus@example.org";
    private const string Hal = "hal@example.org";

    [Theory]
    [InlineData("mbox", "mail/INBOX.mbox")]
    [InlineData("maildir", "mail/cur/")]
    public async Task An_exported_archive_is_imported_by_another_user_once(string format, string expected)
    {
        var (from, to) = (format + Gus, format + Hal);
        foreach (var user in (string[])[from, to]) await node.CliAsync("user", "add", user, "--password", TestNode.Password);
        foreach (var user in (string[])[from, to]) await node.CliAsync("dav", "list", user);
        for (var i = 0; i < 3; i++) Assert.Equal(250, (await node.MailAsync(from, $"letter {i}", "From the start\nof a line")).Code);
        var calendarFile = Path.Combine(node.Folder, format + ".ics");
        await File.WriteAllTextAsync(calendarFile, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:walk\r\nDTSTAMP:20260101T100000Z\r\nDTSTART:20260101T100000Z\r\nSUMMARY:Walk\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
        await node.CliAsync("dav", "import", from, "calendar", calendarFile);
        using var gus = await PageVisitor.SignedInAsync(node, from);
        Assert.Contains("3 messages", await gus.GetAsync("/me/data"), StringComparison.Ordinal);
        using var response = await gus.RequestAsync(HttpMethod.Get, "/me/data/export?format=" + format);
        Assert.Equal((HttpStatusCode.OK, "application/zip"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        var archive = await response.Content.ReadAsByteArrayAsync();
        using (var zip = new ZipArchive(new MemoryStream(archive)))
        {
            Assert.Contains(zip.Entries, e => e.FullName.StartsWith(expected, StringComparison.Ordinal) && e.Length > 0);
            using var calendar = new StreamReader(zip.GetEntry("calendars/calendar.ics")!.Open());
            Assert.Contains("SUMMARY:Walk", await calendar.ReadToEndAsync(), StringComparison.Ordinal);
            Assert.Contains(zip.Entries, static e => e.FullName == "contacts/contacts.vcf");
        }

        using var hal = await PageVisitor.SignedInAsync(node, to);
        // The same form twice, as by a double click, and a new one afterwards.
        var form = await hal.FillAsync("/me/data", "/me/data/import", "");
        var answers = await Task.WhenAll(UploadAsync(hal, form, archive), UploadAsync(hal, form, archive));
        Assert.All(answers, static a => Assert.Equal((303, "/me/data"), (a.Status, a.Location)));
        Assert.Equal("3 messages imported, 0 there already; 1 event or contact imported.", PageVisitor.Says(await hal.FollowAsync(answers[0])));
        var again = await UploadAsync(hal, await hal.FillAsync("/me/data", "/me/data/import", ""), archive);
        Assert.StartsWith("0 messages imported, 3 there already;", PageVisitor.Says(await hal.FollowAsync(again)), StringComparison.Ordinal);
        using var copy = await hal.RequestAsync(HttpMethod.Get, "/me/data/export?format=mbox");
        using var exported = new ZipArchive(new MemoryStream(await copy.Content.ReadAsByteArrayAsync()));
        using var mail = new StreamReader(exported.GetEntry("mail/INBOX.mbox")!.Open());
        var text = await mail.ReadToEndAsync();
        for (var i = 0; i < 3; i++) Assert.Contains($"Subject: letter {i}", text, StringComparison.Ordinal);
        Assert.Equal(3, text.Split("\n>From the start\nof a line").Length - 1);
    }

    [Theory]
    [InlineData("../evil.mbox", "which is not allowed")]
    [InlineData("/etc/evil.mbox", "which is not allowed")]
    [InlineData("mail/a\\b.mbox", "which is not allowed")]
    [InlineData("readme.txt", "has no mbox files")]
    public async Task An_archive_with_wrong_names_or_nothing_to_import_is_refused(string name, string says)
    {
        using var ben = await PageVisitor.SignedInAsync(node, TestNode.Ben);
        var answer = await UploadAsync(ben, await ben.FillAsync("/me/data", "/me/data/import", ""), Zip((name, "From x\n\nx\n")));
        Assert.Equal(422, answer.Status);
        Assert.Contains(says, PageVisitor.Says(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mail/a.mbox", "mail/a.mbox", "more than one file")]
    [InlineData("mail/a", "mail/a/b.mbox", "a file and a folder")]
    [InlineData("mail/a/b.mbox", "mail/a", "more than one file")]
    public async Task An_archive_with_two_entries_at_one_place_is_refused(string first, string second, string says)
    {
        using var ben = await PageVisitor.SignedInAsync(node, TestNode.Ben);
        var answer = await UploadAsync(ben, await ben.FillAsync("/me/data", "/me/data/import", ""), Zip((first, "From x\n\nx\n"), (second, "From x\n\nx\n")));
        Assert.Equal(422, answer.Status);
        Assert.Contains(says, PageVisitor.Says(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_too_long_for_a_file_is_refused()
    {
        using var ben = await PageVisitor.SignedInAsync(node, TestNode.Ben);
        var answer = await UploadAsync(ben, await ben.FillAsync("/me/data", "/me/data/import", ""), Zip((new string('x', 300) + ".mbox", "From x\n\nx\n")));
        Assert.Equal(422, answer.Status);
    }

    [Fact]
    public async Task A_file_that_is_no_archive_and_one_that_unpacks_to_too_much_are_refused()
    {
        using var ben = await PageVisitor.SignedInAsync(node, TestNode.Ben);
        Assert.Equal(422, (await UploadAsync(ben, await ben.FillAsync("/me/data", "/me/data/import", ""), "no archive"u8.ToArray())).Status);
        var bomb = await UploadAsync(ben, await ben.FillAsync("/me/data", "/me/data/import", ""), Zip(Enumerable.Range(0, 6).Select(static i => ($"mail/{i}.mbox", new string('x', 100 * 1024 * 1024))).ToArray()));
        Assert.Equal(422, bomb.Status);
        Assert.Contains("unpacks to more than is allowed", PageVisitor.Says(bomb), StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(Path.Combine(node.Folder, "data", "spool", "tmp")));
    }

    private static byte[] Zip(params (string Name, string Text)[] files)
    {
        var content = new MemoryStream();
        using (var zip = new ZipArchive(content, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in files)
            {
                using var entry = new StreamWriter(zip.CreateEntry(name).Open(), Encoding.ASCII);
                entry.Write(text);
            }
        }

        return content.ToArray();
    }

    private static async Task<PageAnswer> UploadAsync(PageVisitor visitor, List<KeyValuePair<string, string>> form, byte[] archive)
    {
        using var content = new MultipartFormDataContent();
        foreach (var (name, value) in form) content.Add(new StringContent(value), name);
        content.Add(new ByteArrayContent(archive), "file", "mail.zip");
        using var response = await visitor.RequestAsync(HttpMethod.Post, "/me/data/import", content);
        return new PageAnswer((int)response.StatusCode, response.Headers.Location?.OriginalString ?? "", await response.Content.ReadAsStringAsync());
    }
}
