using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Damage;

/// <summary>
/// A server with two users and data in every database, on a small file system that a test can fill. Its data can be reset,
/// and single files can be damaged. Needs root.
/// </summary>
public sealed class DamageTestBed : IAsyncDisposable
{
    public const int Events = 40;

    private const string Propfind = "<propfind xmlns=\"DAV:\"><prop><getetag/></prop></propfind>";

    private DamageTestBed(ServerProcess server, string first, string second) => (Server, First, Second) = (server, first, second);

    public ServerProcess Server { get; }

    /// <summary>The user whose files are damaged.</summary>
    public string First { get; }

    /// <summary>The user who must not be affected.</summary>
    public string Second { get; }

    public string Data => Path.Combine(Server.Folder, "data");

    private string Kept => Path.Combine(Server.Folder, "kept");

    /// <summary>Sets the server up, creates data, and stops the server.</summary>
    public static async Task<DamageTestBed> MakeAsync()
    {
        var server = await ServerProcess.CreateAsync(new ServerSettings { Security = ["greylist: false", "max_outgoing_per_hour: 1000"] });
        var world = new DamageTestBed(server, await server.AddUserAsync("first"), await server.AddUserAsync("second"));
        Directory.Move(world.Data, world.Kept);
        Directory.CreateDirectory(world.Data);
        (await ProgramRun.StartAsync("mount", ["-t", "tmpfs", "-o", "size=96m,mode=0700", "tmpfs", world.Data])).Succeeded();
        await CopyAsync(world.Kept, world.Data);
        await server.StartAsync();
        foreach (var user in new[] { world.First, world.Second })
        {
            for (var i = 0; i < 60; i++) await server.DeliverAsync(TestMail.Text(user, string.Create(CultureInfo.InvariantCulture, $"letter {i}")), user);
            for (var i = 0; i < Events; i++) Assert.Equal(HttpStatusCode.Created, await world.PutAsync(user, i));
        }

        await world.SubmitAsync();
        await Eventually.BecomesTrueAsync(() => File.Exists(world.PathOf("mail.db.snapshot", isOfAccount: false)), "there is a snapshot of mail.db");
        await Eventually.BecomesTrueAsync(
            () => Directory.EnumerateDirectories(Path.Combine(world.Data, "maildir"), "user_*").All(static folder => File.Exists(Path.Combine(folder, "search.db"))), "the text of both users is indexed");
        Assert.Equal(0, await server.StopAsync());
        await ProgramRun.StartAsync("rm", ["-rf", world.Kept]);
        await CopyAsync(world.Data, world.Kept);
        return world;
    }

    /// <summary>Restores the original data.</summary>
    public async Task PutBackAsync()
    {
        await ProgramRun.StartAsync("sh", ["-c", $"chattr -R -i {Data}; find {Data} -mindepth 1 -delete"]);
        await CopyAsync(Kept, Data);
    }

    public string PathOf(string name, bool isOfAccount) => isOfAccount
        ? Directory.EnumerateDirectories(Path.Combine(Data, "maildir"), "user_*").Order(StringComparer.Ordinal).Select(d => Path.Combine(d, name)).First()
        : Path.Combine(Data, name);

    public async Task DamageAsync(string path, DatabaseDamage damage)
    {
        switch (damage)
        {
            case DatabaseDamage.Head:
                Overwrite(path, 0, 200);
                break;
            case DatabaseDamage.Middle:
                var length = new FileInfo(path).Length;
                // Every page but the first: any lookup meets a damaged page.
                for (var at = 4096L; at < length; at += 4096) Overwrite(path, at, 512);
                break;
            case DatabaseDamage.Half:
                using (var file = File.Open(path, FileMode.Open)) file.SetLength(Math.Max(512, file.Length / 2 / 512 * 512));
                break;
            case DatabaseDamage.Empty:
                using (var file = File.Open(path, FileMode.Open)) file.SetLength(0);
                break;
            case DatabaseDamage.Gone:
                File.Delete(path);
                break;
            case DatabaseDamage.ReadOnly:
                (await ProgramRun.StartAsync("chattr", ["+i", path])).Succeeded();
                break;
            default:
                await FillDiskAsync();
                break;
        }
    }

    public Task FillDiskAsync() => ProgramRun.StartAsync("sh", ["-c", $"dd if=/dev/zero of={Data}/filler bs=64k 2>/dev/null; dd if=/dev/zero bs=1 of={Data}/filler2 2>/dev/null; true"]);

    /// <summary>Signs in, opens INBOX and reads a message.</summary>
    public async Task<string> ReadMailAsync(string user)
    {
        try
        {
            var (client, inbox) = await Server.InboxAsync(user);
            using var signedIn = client;
            if (inbox.Count < 60) return string.Create(CultureInfo.InvariantCulture, $"only {inbox.Count} messages");
            var message = await inbox.GetMessageAsync(0);
            return message.Subject is { } subject && subject.StartsWith("letter", StringComparison.Ordinal) ? "ok" : message.Subject ?? "no subject";
        }
        catch (Exception e)
        {
            return e.GetType().Name + ": " + e.Message;
        }
    }

    public async Task<string> DeliverAsync(string user)
    {
        try
        {
            await Server.DeliverAsync(TestMail.Text(user, "one more"), user);
            return "ok";
        }
        catch (Exception e)
        {
            return e.GetType().Name + ": " + e.Message;
        }
    }

    /// <summary>The number of entries in the user's calendar, or the status of the response.</summary>
    public async Task<string> ReadCalendarAsync(string user)
    {
        using var client = Dav(user);
        using var request = new HttpRequestMessage(new HttpMethod("PROPFIND"), new Uri("calendar/", UriKind.Relative)) { Content = new StringContent(Propfind, Encoding.UTF8, "application/xml") };
        request.Headers.Add("Depth", "1");
        using var response = await client.SendAsync(request);
        if (response.StatusCode != HttpStatusCode.MultiStatus) return ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        var entries = (await response.Content.ReadAsStringAsync()).Split(".ics</").Length - 1;
        return entries == Events ? "ok" : string.Create(CultureInfo.InvariantCulture, $"{entries} events");
    }

    /// <summary>The number of entries that a calendar-query returns, and the number it reports as unreadable.</summary>
    public async Task<(int Good, int Bad)> QueryCalendarAsync(string user)
    {
        const string Query = "<c:calendar-query xmlns=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/><c:calendar-data/></prop>"
            + "<c:filter><c:comp-filter name=\"VCALENDAR\"><c:comp-filter name=\"VEVENT\"/></c:comp-filter></c:filter></c:calendar-query>";
        using var client = Dav(user);
        using var request = new HttpRequestMessage(new HttpMethod("REPORT"), new Uri("calendar/", UriKind.Relative)) { Content = new StringContent(Query, Encoding.UTF8, "application/xml") };
        request.Headers.Add("Depth", "1");
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.MultiStatus, response.StatusCode);
        var body = await response.Content.ReadAsStringAsync();
        return (body.Split("BEGIN:VEVENT").Length - 1, body.Split("HTTP/1.1 500").Length - 1);
    }

    public async Task<HttpStatusCode> PutAsync(string user, int number)
    {
        var text = $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:event{number}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260310T100000Z\r\nSUMMARY:Event {number}\r\nDESCRIPTION:{new string('d', 900)}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        using var client = Dav(user);
        using var body = new StringContent(text, Encoding.UTF8, "text/calendar");
        using var response = await client.PutAsync(new Uri($"calendar/event{number}.ics", UriKind.Relative), body);
        return response.StatusCode;
    }

    public async Task<(HttpStatusCode Code, string Body)> MonitorAsync(string path)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
        using var response = await http.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Server.Ports.Admin}/{path}")));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Server.KillAsync();
        await ProgramRun.StartAsync("chattr", ["-R", "-i", Data]);
        await ProgramRun.StartAsync("umount", ["-l", Data]);
        await Server.DisposeAsync();
    }

    private static void Overwrite(string path, long at, int count)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = at;
        file.Write([.. Enumerable.Repeat((byte)0xA5, count)]);
    }

    private async Task SubmitAsync()
    {
        using var client = await Server.SubmitAsync(First);
        await client.SendAsync(MailKitClients.Letter(First, "someone@elsewhere.test", "for elsewhere"));
    }

    private static Task CopyAsync(string from, string to) => ProgramRun.StartAsync("sh", ["-c", $"mkdir -p {to} && cp -a {from}/. {to}/"]);

    private HttpClient Dav(string user)
    {
        var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = static (_, _, _, _) => true };
        var client = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{Server.Ports.Dav}/dav/calendars/{user}/"), Timeout = TimeSpan.FromSeconds(40) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{ServerProcess.Password}")));
        return client;
    }
}
