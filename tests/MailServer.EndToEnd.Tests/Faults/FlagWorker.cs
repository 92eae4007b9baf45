using System.Globalization;
using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Faults;

/// <summary>A client that changes its mailbox at random and records what was acknowledged: APPEND, STORE, EXPUNGE, COPY, MOVE.</summary>
public sealed partial class FlagWorker(string user, int seed)
{
    // More keywords than a file name has letters for.
    private const int Keywords = 30;

    private static readonly string[] Folders = ["INBOX", "Work"];
    private static readonly string[] Flags = ["\\Seen", "\\Flagged", "\\Answered", "\\Draft"];

    private readonly Random _random = new(seed);
    private readonly Dictionary<string, Dictionary<uint, MessageLedger>> _folders = Folders.ToDictionary(f => f, _ => new Dictionary<uint, MessageLedger>(), StringComparer.Ordinal);
    private readonly HashSet<(string Folder, string Marker)> _asked = [];
    private readonly Dictionary<string, uint> _highest = Folders.ToDictionary(f => f, _ => 0u, StringComparer.Ordinal);
    private string _selected = "";
    private int _count;

    public string User => user;

    /// <summary>The number of states acknowledged before the last power cut.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>The number of them lost in the last power cut.</summary>
    public int Lost { get; private set; }

    public static async Task PrepareAsync(ServerProcess server, string user)
    {
        await using var wire = await MarkedMail.LoginAsync(server, user);
        Assert.Contains(" OK ", (await wire.ImapAsync("CREATE Work"))[^1], StringComparison.Ordinal);
    }

    /// <summary>Makes changes until the connection fails.</summary>
    public async Task WorkAsync(ServerProcess server)
    {
        await using var wire = await MarkedMail.LoginAsync(server, user);
        _selected = "";
        while (true)
        {
            var folder = Folders[_random.Next(Folders.Length)];
            switch (_random.Next(10))
            {
                case 0 or 1: await AppendAsync(wire, folder); break;
                case 2: await CopyAsync(wire, folder, move: false); break;
                case 3: await CopyAsync(wire, folder, move: true); break;
                case 4: await ExpungeAsync(wire, folder); break;
                default: await StoreAsync(wire, folder); break;
            }
        }
    }

    /// <summary>Compares the mailbox with the acknowledged state, and continues from the former.</summary>
    public async Task<IReadOnlyList<string>> CheckAsync(ServerProcess server, long certain, long cut)
    {
        await using var wire = await MarkedMail.LoginAsync(server, user);
        var wrong = new List<string>();
        (Acknowledged, Lost) = (0, 0);
        foreach (var folder in Folders)
        {
            var lines = await wire.ImapAsync("SELECT " + folder);
            var next = uint.Parse(UidNext().Match(string.Join('\n', lines)).Groups["uid"].ValueSpan, CultureInfo.InvariantCulture);
            if (next <= _highest[folder]) wrong.Add($"{folder}: UIDNEXT is {next}, UID {_highest[folder]} was given");
            Judge(folder, await ReadAsync(wire), certain, cut, wrong);
        }

        return wrong.ConvertAll(w => $"{user}: {w}");
    }

    private void Judge(string folder, Dictionary<uint, (string Marker, MessageState State, string Date)> found, long certain, long cut, List<string> wrong)
    {
        var ledgers = _folders[folder];
        foreach (var (uid, ledger) in ledgers.ToList())
        {
            var (marker, state, date) = found.TryGetValue(uid, out var there) ? there : (ledger.Marker, MessageState.Absent, ledger.Date);
            if (marker != ledger.Marker) wrong.Add($"{folder}: UID {uid} was {ledger.Marker} and is {marker}");
            else if (ledger.Judge(state, certain, cut) is { } problem) wrong.Add($"{folder}: UID {uid} {problem}");
            else if (ledger.Date.Length > 0 && date != ledger.Date) wrong.Add($"{folder}: UID {uid} {marker} has INTERNALDATE {date}, not {ledger.Date}");
            Acknowledged += ledger.CountAcknowledged(cut);
            Lost += ledger.LostWithin(state, cut);
            if (state.Flags is null) ledgers.Remove(uid);
            else ledger.Settle(state);
        }

        foreach (var (uid, (marker, state, date)) in found)
        {
            _highest[folder] = Math.Max(_highest[folder], uid);
            if (ledgers.ContainsKey(uid) || marker[0] != 'w') continue;
            if (!_asked.Contains((folder, marker))) wrong.Add($"{folder}: {marker} was never put there (UID {uid})");
            ledgers[uid] = new MessageLedger(marker, date);
            ledgers[uid].Settle(state);
        }
    }

    private async Task AppendAsync(WireClient wire, string folder)
    {
        var marker = $"w{seed}-{_count++}".ToString(CultureInfo.InvariantCulture);
        var flags = SomeFlags();
        var date = string.Create(CultureInfo.InvariantCulture, $"{_random.Next(10, 29)}-Nov-2020 {_random.Next(10, 24)}:00:00 +0000");
        var text = MarkedMail.Text(user, marker);
        _asked.Add((folder, marker));
        var ledger = new MessageLedger(marker, date);
        var entry = ledger.Ask(MessageState.Of(flags));
        var answer = await OkAsync(wire, $"APPEND {folder} ({string.Join(' ', flags)}) \"{date}\" {{{text.Length}+}}\r\n{text}");
        entry.Acknowledge();
        Know(folder, uint.Parse(AppendUid().Match(answer).Groups["uid"].ValueSpan, CultureInfo.InvariantCulture), ledger);
    }

    private async Task StoreAsync(WireClient wire, string folder)
    {
        if (Pick(folder) is not { } picked) return;
        var flags = SomeFlags();
        var before = picked.Ledger.Latest.Flags!;
        var (word, after) = _random.Next(3) switch
        {
            0 => ("+FLAGS", before.Union(flags)),
            1 => ("-FLAGS", before.Except(flags, StringComparer.OrdinalIgnoreCase)),
            _ => ("FLAGS", flags),
        };
        await SelectAsync(wire, folder);
        var entry = picked.Ledger.Ask(MessageState.Of(after));
        await OkAsync(wire, $"UID STORE {picked.Uid} {word} ({string.Join(' ', flags)})");
        entry.Acknowledge();
    }

    private async Task ExpungeAsync(WireClient wire, string folder)
    {
        if (Pick(folder) is not { } picked) return;
        await SelectAsync(wire, folder);
        var stored = picked.Ledger.Ask(MessageState.Of(picked.Ledger.Latest.Flags!.Append("\\Deleted")));
        await OkAsync(wire, $"UID STORE {picked.Uid} +FLAGS (\\Deleted)");
        stored.Acknowledge();
        // Removes all marked messages: an earlier cut may have come between STORE and EXPUNGE.
        var removed = _folders[folder].Values.Where(m => m.Latest.Flags?.Contains("\\Deleted") == true).Select(m => m.Ask(MessageState.Absent)).ToList();
        await OkAsync(wire, "EXPUNGE");
        removed.ForEach(entry => entry.Acknowledge());
    }

    private async Task CopyAsync(WireClient wire, string folder, bool move)
    {
        if (Pick(folder) is not { } picked) return;
        var target = Folders[1 - Array.IndexOf(Folders, folder)];
        await SelectAsync(wire, folder);
        _asked.Add((target, picked.Ledger.Marker));
        var copy = new MessageLedger(picked.Ledger.Marker, picked.Ledger.Date);
        var made = copy.Ask(picked.Ledger.Latest);
        var removed = move ? picked.Ledger.Ask(MessageState.Absent) : null;
        var answer = await OkAsync(wire, $"UID {(move ? "MOVE" : "COPY")} {picked.Uid} {target}");
        made.Acknowledge();
        removed?.Acknowledge();
        Know(target, uint.Parse(CopyUid().Match(answer).Groups["uid"].ValueSpan, CultureInfo.InvariantCulture), copy);
    }

    private void Know(string folder, uint uid, MessageLedger ledger)
    {
        _folders[folder].Add(uid, ledger);
        _highest[folder] = Math.Max(_highest[folder], uid);
    }

    private (uint Uid, MessageLedger Ledger)? Pick(string folder)
    {
        var present = _folders[folder].Where(m => m.Value.Latest.Flags is not null).ToList();
        if (present.Count == 0) return null;
        var (uid, ledger) = present[_random.Next(present.Count)];
        return (uid, ledger);
    }

    private List<string> SomeFlags() =>
        [.. Flags.Where(_ => _random.Next(2) == 0), .. Enumerable.Range(0, _random.Next(3)).Select(_ => $"k{_random.Next(Keywords)}").Distinct()];

    private async Task SelectAsync(WireClient wire, string folder)
    {
        if (_selected != folder) await OkAsync(wire, "SELECT " + folder);
        _selected = folder;
    }

    private static async Task<string> OkAsync(WireClient wire, string command)
    {
        var lines = await wire.ImapAsync(command);
        // Refused because the disk fails: the power has been cut.
        if (!lines[^1].Contains(" OK ", StringComparison.Ordinal)) throw new IOException(lines[^1]);
        return string.Join('\n', lines);
    }

    private static async Task<Dictionary<uint, (string Marker, MessageState State, string Date)>> ReadAsync(WireClient wire)
    {
        var found = new Dictionary<uint, (string, MessageState, string)>();
        var items = Match.Empty;
        foreach (var line in await wire.ImapAsync("UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS (SUBJECT)])"))
        {
            if (Items().Match(line) is { Success: true } match) items = match;
            if (!line.StartsWith("Subject: ", StringComparison.Ordinal)) continue;
            var flags = items.Groups["flags"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(f => f != "\\Recent");
            found.Add(
                uint.Parse(items.Groups["uid"].ValueSpan, CultureInfo.InvariantCulture),
                (line["Subject: ".Length..], MessageState.Of(flags), items.Groups["date"].Value));
        }

        return found;
    }

    [GeneratedRegex(@"\[UIDNEXT (?<uid>\d+)\]", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex UidNext();

    [GeneratedRegex(@"\[APPENDUID \d+ (?<uid>\d+)\]", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex AppendUid();

    [GeneratedRegex(@"\[COPYUID \d+ \d+ (?<uid>\d+)\]", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex CopyUid();

    [GeneratedRegex(
        @"\(UID (?<uid>\d+) FLAGS \((?<flags>[^)]*)\) INTERNALDATE ""(?<date>[^""]*)""",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Items();
}
