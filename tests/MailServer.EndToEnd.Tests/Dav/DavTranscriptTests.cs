using System.Text;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>
/// The requests of clients at their first synchronization, replayed on the running server. <c>&gt;</c> a request: method and URL, headers, body; <c>&lt;</c> the
/// status, then what a header must contain; <c>~</c> and <c>!</c> what the body must and must not contain; <c>= name element</c> stores the text of an element.
/// </summary>
[Collection(SharedDavServerCollection.Name)]
public sealed class DavTranscriptTests(SharedServer shared)
{
    private static readonly string Folder = Path.Combine(ProjectPaths.Root, "tests", "transcripts", "dav");

    public static TheoryData<string> Names { get; } = [.. Directory.GetFiles(Folder, "*.transcript").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_first_synchronization_of_a_client_follows_the_transcript(string name)
    {
        using var client = new DavClient(shared.Server, await shared.Server.AddUserAsync("client"));
        var known = new Dictionary<string, string>(StringComparer.Ordinal) { ["user"] = client.User };
        var request = new List<string>();
        DavReply? reply = null;
        foreach (var raw in await File.ReadAllLinesAsync(Path.Combine(Folder, name + ".transcript")))
        {
            var line = known.Aggregate(raw, (text, pair) => text.Replace($"{{{pair.Key}}}", pair.Value, StringComparison.Ordinal));
            if (line.StartsWith("> ", StringComparison.Ordinal))
            {
                request.Add(line[2..]);
                continue;
            }

            if (request.Count > 0)
            {
                reply = await SendAsync(client, request);
                request.Clear();
                Assert.True(line == $"< {(int)reply.Status}", $"{raw}: was {(int)reply.Status}: {reply.Body}");
                continue;
            }

            Check(line, reply, known);
        }

        Assert.NotNull(reply);
        Assert.Empty(request);
    }

    private static void Check(string line, DavReply? reply, Dictionary<string, string> known)
    {
        if (line.Length == 0 || line[0] == '#') return;
        Assert.NotNull(reply);
        var rest = line[2..];
        switch (line[0])
        {
            case '<':
                var colon = rest.IndexOf(':', StringComparison.Ordinal);
                Assert.Contains(rest[(colon + 1)..].Trim(), reply.Header(rest[..colon]) ?? "", StringComparison.Ordinal);
                break;
            case '~':
                Assert.Contains(rest, reply.Body, StringComparison.Ordinal);
                break;
            case '!':
                // A property reported as missing does not count as shown.
                Assert.DoesNotContain(rest, reply.Body.Split("404 Not Found")[0].Split("</D:prop><D:status>HTTP/1.1 200 OK")[0], StringComparison.Ordinal);
                break;
            case '=':
                var words = rest.Split(' ');
                known[words[0]] = reply.Xml.Descendants().First(element => element.Name.LocalName == words[1]).Value;
                break;
            default:
                Assert.Fail($"what is '{line}'?");
                break;
        }
    }

    private static Task<DavReply> SendAsync(DavClient client, List<string> request)
    {
        var first = request[0].Split(' ');
        var headers = request.Skip(1).TakeWhile(line => line[0] != '<' && !line.StartsWith("BEGIN:", StringComparison.Ordinal)).Select(line => line.Split(": ", 2)).ToArray();
        var body = new StringBuilder();
        foreach (var line in request.Skip(1 + headers.Length)) body.Append(line).Append("\r\n");
        return client.SendAsync(first[0], first[1], body.Length == 0 ? null : body.ToString(), [.. headers.Select(header => (header[0], header[1]))]);
    }
}
