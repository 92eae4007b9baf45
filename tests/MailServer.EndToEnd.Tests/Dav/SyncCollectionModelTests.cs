using System.Globalization;
using System.Xml.Linq;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>Three clients write to one calendar concurrently at random; the results of syncs are compared with a model (RFC 6578).</summary>
[Collection(SharedDavServerCollection.Name)]
public sealed class SyncCollectionModelTests(SharedServer shared) : IAsyncLifetime
{
    private const int Clients = 3;
    private const int Names = 24;
    private static readonly XNamespace Dav = "DAV:";
    private readonly Dictionary<string, (string Uid, string Text)> _model = new(StringComparer.Ordinal);
    private readonly List<(string Token, Dictionary<string, (string Uid, string Text)> Model)> _history = [];
    private List<DavClient> _clients = [];
    private int _written;

    private DavClient Any => _clients[0];

    public async Task InitializeAsync()
    {
        var user = await shared.Server.AddUserAsync();
        _clients = [.. Enumerable.Range(0, Clients).Select(_ => new DavClient(shared.Server, user))];
    }

    public Task DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_sync_from_every_earlier_token_returns_exactly_the_difference(int seed)
    {
        var random = new Random(seed);
        await RememberAsync();
        for (var round = 1; round <= 70; round++)
        {
            await WriteAtOnceAsync(random);
            await RememberAsync();
            if (round % 14 == 0) await AssertEveryTokenAsync(random);
        }

        foreach (var (name, (_, text)) in _model) Assert.Equal(text, (await Any.GetAsync(Any.Calendar + name)).Is(200).Body);
    }

    /// <summary>Each client makes one change, all concurrently, each to its own names in this round.</summary>
    private async Task WriteAtOnceAsync(Random random)
    {
        var names = Enumerable.Range(0, Names).Select(i => string.Create(CultureInfo.InvariantCulture, $"n{i}.ics")).ToArray();
        random.Shuffle(names);
        await Task.WhenAll(_clients.Select((client, i) => Write(random.Next(10), client, names[2 * i], names[(2 * i) + 1])).ToList());
    }

    /// <summary>Changes the model, and returns the request that makes the same change on the server.</summary>
    private Task Write(int dice, DavClient client, string name, string other)
    {
        var exists = _model.TryGetValue(name, out var old);
        var url = client.Calendar + name;
        switch (dice)
        {
            case < 2:
                _model.Remove(name);
                return ExpectAsync(client.SendAsync("DELETE", url), exists ? 204 : 404);
            case < 5 when exists:
                // An event does not replace another one.
                if (_model.ContainsKey(other)) return ExpectAsync(client.SendAsync("MOVE", url, null, ("Destination", client.Calendar + other)), 403);
                _model.Remove(name);
                _model[other] = old;
                return ExpectAsync(client.SendAsync("MOVE", url, null, ("Destination", client.Calendar + other)), 201);
            default:
                _written++;
                var uid = exists ? old.Uid : string.Create(CultureInfo.InvariantCulture, $"u{_written}");
                var text = DavClient.Event(uid, string.Create(CultureInfo.InvariantCulture, $"LOCATION:{_written}\r\n"));
                _model[name] = (uid, text);
                return ExpectAsync(client.PutAsync(url, text), exists ? 204 : 201);
        }
    }

    private static async Task ExpectAsync(Task<DavReply> reply, int status) => (await reply).Is(status);

    private async Task RememberAsync()
    {
        var token = (await Any.PropFindAsync(Any.Calendar, 0, "D:sync-token")).Is(207).Xml.Descendants(Dav + "sync-token").Single().Value;
        _history.Add((token, new(_model, StringComparer.Ordinal)));
    }

    private async Task AssertEveryTokenAsync(Random random)
    {
        var listing = (await Any.PropFindAsync(Any.Calendar, 1, "D:getetag")).Is(207).Xml;
        var tags = Members(listing).ToDictionary(m => m.Name, m => m.ETag, StringComparer.Ordinal);
        Assert.Equal(_model.Keys.Order(StringComparer.Ordinal), tags.Keys.Order(StringComparer.Ordinal));
        for (var i = 0; i < _history.Count; i++)
        {
            var (token, before) = _history[i];
            var told = await SyncAsync(token, limit: random.Next(2) == 0 ? 4 : null);
            // A resource that was moved away and back is reported as changed, although it is the same.
            var changed = _model.Where(now => _history.Skip(i).Any(h => !h.Model.TryGetValue(now.Key, out var then) || then != now.Value))
                .ToDictionary(now => now.Key, now => tags[now.Key], StringComparer.Ordinal);
            var removed = before.Keys.Where(name => !_model.ContainsKey(name)).ToHashSet(StringComparer.Ordinal);
            // A resource created and removed since then may be reported as removed; nothing else may.
            var lived = _history.Skip(i).SelectMany(h => h.Model.Keys).Where(name => !_model.ContainsKey(name)).ToHashSet(StringComparer.Ordinal);
            Assert.Equal(Sorted(changed), Sorted(told.Where(t => t.Value is not null)));
            var gone = told.Where(t => t.Value is null).Select(t => t.Key).ToHashSet(StringComparer.Ordinal);
            Assert.Superset(removed, gone);
            Assert.Subset(lived, gone);
        }
    }

    private static SortedDictionary<string, string?> Sorted(IEnumerable<KeyValuePair<string, string?>> pairs) => new(pairs.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>Every name changed since the token with its ETag, or null if removed; follows the pages where a limit truncates.</summary>
    private async Task<Dictionary<string, string?>> SyncAsync(string token, int? limit)
    {
        var told = new Dictionary<string, string?>(StringComparer.Ordinal);
        for (var more = true; more;)
        {
            var pages = limit is null ? "" : string.Create(CultureInfo.InvariantCulture, $"<D:limit><D:nresults>{limit}</D:nresults></D:limit>");
            var body = $"<D:sync-collection xmlns:D='DAV:'><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>{pages}<D:prop><D:getetag/></D:prop></D:sync-collection>";
            var answer = (await Any.SendAsync("REPORT", Any.Calendar, body)).Is(207).Xml;
            var members = Members(answer).ToList();
            foreach (var (name, tag) in members) Assert.True(told.TryAdd(name, tag), $"{name} is told twice");
            if (limit is not null) Assert.InRange(members.Count, 0, limit.Value);
            token = answer.Element(Dav + "sync-token")!.Value;
            more = answer.Elements(Dav + "response").Any(r => r.Element(Dav + "status")?.Value.Contains("507", StringComparison.Ordinal) == true);
        }

        Assert.Equal(_history[^1].Token, token);
        return told;
    }

    private static IEnumerable<(string Name, string? ETag)> Members(XElement answer) =>
        from response in answer.Elements(Dav + "response")
        let href = response.Element(Dav + "href")!.Value
        where !href.EndsWith('/')
        select (href[(href.LastIndexOf('/') + 1)..], response.Descendants(Dav + "getetag").SingleOrDefault()?.Value);
}
