using System.Globalization;
using System.Text.RegularExpressions;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>
/// A client that synchronises by QRESYNC alone (RFC 7162) agrees with the folder after each reconnection, although it believes every mod-sequence that
/// it is told and connections end between any two commands.
/// </summary>
public sealed partial class ResynchronizationTests
{
    [Theory]
    [InlineData(50_000)]
    [InlineData(3)]
    public void A_client_that_synchronises_by_mod_sequences_alone_agrees_with_the_folder(int backlog)
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            using var run = new Run(seed, Limits.Default with { ViewBacklog = backlog, FetchPage = 5 });
            run.Play();
        }
    }

    [Theory]
    [InlineData(typeof(MailboxRequest.ListChanges))]
    [InlineData(typeof(MailboxRequest.Fetch))]
    public void A_folder_whose_changes_cannot_be_read_is_not_selected(Type failing)
    {
        using var driver = ImapDriver.SignedIn();
        driver.Mailbox.Deliver("INBOX", [], MessageFlags.None);
        driver.Say("e ENABLE QRESYNC\r\n");
        driver.BeforeEffect = effect => driver.Mailbox.FailsNext = effect is ImapEffect.RequestMailbox { Request: var request } && request.GetType() == failing;
        Assert.Contains("\r\na NO [UNAVAILABLE]", driver.Say("a SELECT INBOX (QRESYNC (101 1))\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("b BAD [CLIENTBUG]", driver.Say("b FETCH 1 FLAGS\r\n"), StringComparison.Ordinal);
        Assert.Null(driver.Mailbox.Selected);
    }

    private sealed class Run : IDisposable
    {
        private readonly ImapDriver _driver;
        private readonly Random _random;
        private readonly int _seed;
        private readonly SyncClient _client = new();

        public Run(int seed, Limits limits)
        {
            (_seed, _random) = (seed, new Random(seed));
            _driver = ImapDriver.SignedIn(limits);
            _driver.Say("e ENABLE QRESYNC\r\n");
            for (var i = 0; i < 4; i++) _driver.Mailbox.Deliver("INBOX", [], MessageFlags.None);
        }

        private IReadOnlyList<TestMessage> Messages => _driver.Mailbox.Folder("INBOX").Messages;

        public void Dispose() => _driver.Dispose();

        public void Play()
        {
            for (var round = 0; round < 6; round++)
            {
                _client.Hear(_driver.Say($"a SELECT INBOX{_client.Parameter}\r\n"));
                _client.NumberKnown();
                _client.Hear(_driver.Say($"a UID FETCH {_client.HighestUid + 1}:* (FLAGS)\r\n"), isNew: true);
                AssertAgreement();
                for (var step = 0; step < 12; step++)
                {
                    if (_random.Next(2) == 0) OthersWork();
                    else Work();
                }

                Tell("UNSELECT");
                _client.Disconnect();
                for (var step = _random.Next(4); step > 0; step--) OthersWork();
            }
        }

        private void OthersWork()
        {
            var any = Messages.Count == 0 ? 0 : Messages[_random.Next(Messages.Count)].Uid.Value;
            switch (_random.Next(4))
            {
                case 0:
                    _driver.Mailbox.Deliver("INBOX", [], MessageFlags.None);
                    break;
                case 1 when any > 0:
                    _driver.Mailbox.Expunge("INBOX", any);
                    break;
                default:
                    if (any > 0) _driver.Mailbox.SetFlags("INBOX", any, Flags());
                    break;
            }
        }

        private void Work()
        {
            var number = _client.Count == 0 ? 1 : _random.Next(_client.Count) + 1;
            var range = $"{number}:{Math.Max(1, _client.Count)}";
            switch (_random.Next(9))
            {
                case 0:
                    Tell("NOOP");
                    break;
                case 1:
                    Tell($"FETCH {range} (FLAGS)");
                    break;
                case 2:
                    Tell($"FETCH {range} (UID FLAGS MODSEQ)");
                    break;
                case 3:
                    Tell($"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {_client.ModSeq} VANISHED)");
                    break;
                case 4:
                    Tell($"STORE {range} +FLAGS (\\Seen)");
                    break;
                case 5:
                    Tell($"STORE {number} (UNCHANGEDSINCE {_client.ModSeq}) FLAGS.SILENT (\\Flagged)", static _ => SystemFlags.Flagged);
                    break;
                case 6:
                    Tell("UID STORE 1:* -FLAGS.SILENT (\\Deleted)", static flags => flags & ~SystemFlags.Deleted);
                    break;
                case 7:
                    Tell($"FETCH {number} BODY[HEADER.FIELDS (X)]");
                    break;
                default:
                    Tell("EXPUNGE");
                    break;
            }
        }

        private MessageFlags Flags() => new((SystemFlags)_random.Next(32));

        // Like every client, it fetches what it does not know as soon as the folder grows.
        private void Tell(string command, Func<SystemFlags, SystemFlags>? silent = null)
        {
            _client.Hear(_driver.Say($"a {command}\r\n"), silent: silent);
            if (_client.HasUnknown) _client.Hear(_driver.Say($"a UID FETCH {_client.HighestUid + 1}:* (FLAGS)\r\n"), isNew: true);
        }

        private void AssertAgreement()
        {
            var actual = Messages.Select(m => (m.Uid.Value, Flags: m.Flags.System));
            Assert.True(actual.SequenceEqual(_client.Known.Select(k => (k.Key, k.Value))), $"seed {_seed}: {string.Join(' ', actual)} but the client knows {string.Join(' ', _client.Known)}");
        }
    }

    /// <summary>Applies responses as RFC 7162 requires, and nothing else.</summary>
    private sealed partial class SyncClient
    {
        private readonly List<uint?> _numbers = [];
        private string _validity = "";

        public SortedDictionary<uint, SystemFlags> Known { get; } = [];

        public long ModSeq { get; private set; }

        public int Count => _numbers.Count;

        public bool HasUnknown => _numbers.Exists(n => n is not { } uid || uid > HighestUid);

        public uint HighestUid { get; private set; }

        public string Parameter => ModSeq == 0 ? "" : $" (QRESYNC ({_validity} {ModSeq}))";

        public void Disconnect() => _numbers.Clear();

        /// <summary>After SELECT the messages that it knows have the first sequence numbers, in the order of their UIDs.</summary>
        public void NumberKnown()
        {
            var at = 0;
            foreach (var uid in Known.Keys) _numbers[at++] = uid;
        }

        /// <param name="responses">What the server has sent.</param>
        /// <param name="isNew">The answer to a FETCH of the messages that the client did not know.</param>
        /// <param name="silent">What a STORE with .SILENT has done to the messages whose mod-sequences the server tells.</param>
        public void Hear(string responses, bool isNew = false, Func<SystemFlags, SystemFlags>? silent = null)
        {
            var (newest, limit) = (ModSeq, (long?)null);
            foreach (var line in responses.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
            {
                if (Code().Match(line) is { Success: true } code)
                {
                    if (code.Groups[1].Value == "UIDVALIDITY") _validity = code.Groups[2].Value;
                    else limit = Number(code.Groups[2].Value);
                }
                else if (line.StartsWith("* VANISHED ", StringComparison.Ordinal)) Vanish(line);
                else if (Exists().Match(line) is { Success: true } exists)
                {
                    var count = (int)Number(exists.Groups[1].Value);
                    Assert.True(count >= Count, line);
                    while (Count < count) _numbers.Add(null);
                }
                else if (Fetch().Match(line) is { Success: true } fetch)
                {
                    newest = Math.Max(newest, Apply((int)Number(fetch.Groups[1].Value), fetch.Groups[2].Value, silent));
                }
            }

            // RFC 7162 §3.2: HIGHESTMODSEQ holds back what the mod-sequences of messages seem to say.
            ModSeq = limit ?? newest;
            if (isNew) HighestUid = Math.Max(HighestUid, Known.Keys.LastOrDefault());
        }

        private void Vanish(string line)
        {
            var earlier = line.Contains("(EARLIER)", StringComparison.Ordinal);
            foreach (var range in line[(line.LastIndexOf(' ') + 1)..].Split(','))
            {
                var ends = range.Split(':');
                for (var uid = (uint)Number(ends[0]); uid <= Number(ends[^1]); uid++)
                {
                    Known.Remove(uid);
                    if (!earlier) RemoveNumber(uid, line);
                }
            }
        }

        // A message whose UID it has not learned yet lies between those with lower and those with higher UIDs.
        private void RemoveNumber(uint uid, string line)
        {
            if (_numbers.Remove(uid)) return;
            var higher = _numbers.FindIndex(n => n > uid);
            var unknown = _numbers.FindLastIndex((higher < 0 ? Count : higher) - 1, static n => n is null);
            Assert.True(unknown >= 0, line);
            _numbers.RemoveAt(unknown);
        }

        private long Apply(int number, string items, Func<SystemFlags, SystemFlags>? silent)
        {
            Assert.InRange(number, 1, Count);
            if (Uid().Match(items) is { Success: true } uid)
            {
                var value = (uint)Number(uid.Groups[1].Value);
                Assert.True(_numbers[number - 1] is null || _numbers[number - 1] == value, items);
                _numbers[number - 1] = value;
            }

            if (_numbers[number - 1] is { } known)
            {
                if (FlagList().Match(items) is { Success: true } flags)
                    Known[known] = Enum.GetValues<SystemFlags>().Where(f => flags.Value.Contains("\\" + f, StringComparison.Ordinal)).Aggregate(SystemFlags.None, static (all, f) => all | f);
                else if (silent is not null && Known.TryGetValue(known, out var before))
                    Known[known] = silent(before);
            }

            return ModSeqItem().Match(items) is { Success: true } modSeq ? Number(modSeq.Groups[1].Value) : 0;
        }

        private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

        [GeneratedRegex(@"\[(UIDVALIDITY|HIGHESTMODSEQ) (\d+)\]")]
        private static partial Regex Code();

        [GeneratedRegex(@"^\* (\d+) EXISTS")]
        private static partial Regex Exists();

        [GeneratedRegex(@"^\* (\d+) FETCH (.*)")]
        private static partial Regex Fetch();

        [GeneratedRegex(@"\bUID (\d+)")]
        private static partial Regex Uid();

        [GeneratedRegex(@"FLAGS \([^)]*\)")]
        private static partial Regex FlagList();

        [GeneratedRegex(@"MODSEQ \((\d+)\)")]
        private static partial Regex ModSeqItem();
    }
}
