using System.Globalization;
using System.Text.RegularExpressions;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>CONTEXT (RFC 5267): a client that applies the updates of its searches has what a new search would return.</summary>
public sealed partial class SearchContextTests
{
    private static readonly string[] Searches =
    [
        "UID SEARCH RETURN (UPDATE ALL) FLAGGED",
        "SEARCH RETURN (UPDATE ALL) UNSEEN",
        "UID SEARCH RETURN (UPDATE ALL) OR DELETED DRAFT",
        "UID SORT RETURN (UPDATE ALL) (REVERSE ARRIVAL) UTF-8 UNDELETED",
        "SORT RETURN (UPDATE ALL) (SIZE) UTF-8 NOT FLAGGED",
    ];

    [Theory]
    [InlineData(4_096)]
    [InlineData(2)]
    public void A_client_that_applies_updates_has_the_result_of_a_new_search(int backlog)
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            using var run = new Run(seed, Limits.Default with { ViewBacklog = backlog, FetchPage = 5, FetchContentPage = 5 });
            run.Play();
        }
    }

    [Fact]
    public void A_thousand_contexts_are_refused()
    {
        using var driver = ImapDriver.SignedIn();
        driver.Mailbox.Deliver("INBOX", [], MessageFlags.None);
        driver.Say("s SELECT INBOX\r\n");
        var refused = Enumerable.Range(0, 1_000).Count(n => driver.Say($"a{n} SEARCH RETURN (UPDATE COUNT) ALL\r\n").Contains($"* NO [NOUPDATE \"a{n}\"]", StringComparison.Ordinal));
        Assert.Equal(1_000 - Limits.Default.ImapContexts, refused);
        driver.Say("c CANCELUPDATE \"a0\"\r\n");
        Assert.DoesNotContain("NOUPDATE", driver.Say("d SEARCH RETURN (UPDATE COUNT) ALL\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_that_is_too_large_is_not_kept()
    {
        using var driver = ImapDriver.SignedIn(Limits.Default with { ImapContextResults = 3 });
        for (var i = 0; i < 2; i++) driver.Mailbox.Deliver("INBOX", [], MessageFlags.None);
        driver.Say("s SELECT INBOX\r\n");
        Assert.DoesNotContain("NOUPDATE", driver.Say("a SEARCH RETURN (UPDATE COUNT) ALL\r\n"), StringComparison.Ordinal);
        Assert.Contains("* NO [NOUPDATE \"b\"]", driver.Say("b SEARCH RETURN (UPDATE COUNT) ALL\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(MailboxRequest.Search))]
    [InlineData(typeof(MailboxRequest.Sort))]
    public void A_client_hears_when_its_result_cannot_be_kept_up_to_date(Type failing)
    {
        using var driver = ImapDriver.SignedIn();
        driver.Say("s SELECT INBOX\r\na UID SORT RETURN (UPDATE) (ARRIVAL) UTF-8 ALL\r\n");
        driver.BeforeEffect = effect => driver.Mailbox.FailsNext = effect is ImapEffect.RequestMailbox { Request: var request } && request.GetType() == failing;
        driver.Mailbox.Deliver("INBOX", [], MessageFlags.None);
        Assert.EndsWith("* NO [NOUPDATE \"a\"] The result is not kept up to date\r\nb OK NOOP completed\r\n", driver.Say("b NOOP\r\n"), StringComparison.Ordinal);
        driver.Mailbox.Deliver("INBOX", [], MessageFlags.None);
        Assert.DoesNotContain("ESEARCH", driver.Say("c NOOP\r\n"), StringComparison.Ordinal);
    }

    private sealed partial class Run : IDisposable
    {
        private readonly ImapDriver _driver;
        private readonly Random _random;
        private readonly int _seed;
        private readonly Dictionary<string, List<uint>> _results = [];

        public Run(int seed, Limits limits)
        {
            (_seed, _random) = (seed, new Random(seed));
            _driver = ImapDriver.SignedIn(limits);
            for (var i = 0; i < 5; i++) Deliver();
            _driver.Say("s SELECT INBOX\r\n");
            for (var at = 0; at < Searches.Length; at++)
            {
                var tag = Tag(at);
                Hear(_driver.Say($"{tag} {Searches[at]}\r\n"));
                _results.TryAdd(tag, []);
            }
        }

        public void Dispose() => _driver.Dispose();

        public void Play()
        {
            for (var step = 0; step < 25; step++)
            {
                if (_random.Next(3) > 0) OthersWork();
                else Work();
                if (_random.Next(3) == 0) AssertAgreement();
            }
        }

        private static string Tag(int number) => "t" + number.ToString(CultureInfo.InvariantCulture);

        private IReadOnlyList<TestMessage> Messages => _driver.Mailbox.Folder("INBOX").Messages;

        private void Deliver() => _driver.Mailbox.Deliver("INBOX", new byte[_random.Next(1_000)], new MessageFlags((SystemFlags)_random.Next(32)));

        private void OthersWork()
        {
            var any = Messages.Count == 0 ? 0 : Messages[_random.Next(Messages.Count)].Uid.Value;
            switch (_random.Next(4))
            {
                case 0:
                    Deliver();
                    break;
                case 1 when any > 0:
                    _driver.Mailbox.Expunge("INBOX", any);
                    break;
                default:
                    if (any > 0) _driver.Mailbox.SetFlags("INBOX", any, new MessageFlags((SystemFlags)_random.Next(32)));
                    break;
            }
        }

        private void Work() => Hear(_driver.Say(_random.Next(6) switch
        {
            0 => "a UID STORE 1:* +FLAGS (\\Flagged)\r\n",
            1 => "a UID STORE 2:3 FLAGS.SILENT (\\Deleted)\r\n",
            2 => "a EXPUNGE\r\n",
            3 => "a UID FETCH 1:* BODY[]\r\n",
            4 => "i IDLE\r\nDONE\r\n",
            _ => "a FETCH 1:* FLAGS\r\n",
        }));

        // After NOOP, sequence numbers and UIDs of the view are those of the folder.
        private void AssertAgreement()
        {
            Hear(_driver.Say("n NOOP\r\n"));
            for (var at = 0; at < Searches.Length; at++)
            {
                var fresh = Numbers(AllItem().Match(_driver.Say($"f {Searches[at].Replace("UPDATE ", "", StringComparison.Ordinal)}\r\n")).Groups["set"].Value);
                Assert.True(fresh.SequenceEqual(_results[Tag(at)]), $"seed {_seed}, {Searches[at]}: {string.Join(' ', fresh)} but the client has {string.Join(' ', _results[Tag(at)])}");
            }
        }

        private void Hear(string responses)
        {
            foreach (var line in responses.Split("\r\n"))
            {
                if (ExpungeLine().Match(line) is { Success: true } expunged) Renumber(uint.Parse(expunged.Groups["number"].Value, CultureInfo.InvariantCulture));
                if (EsearchLine().Match(line) is not { Success: true } esearch) continue;
                var tag = esearch.Groups["tag"].Value;
                if (AllItem().Match(line) is { Success: true } all) _results[tag] = Numbers(all.Groups["set"].Value);
                if (ChangeItem().Match(line) is { Success: true } change) Apply(_results[tag], change.Groups["word"].Value == "ADDTO", change.Groups["pairs"].Value.Split(' '), Searches[tag[1] - '0'].Contains("SORT", StringComparison.Ordinal), line);
            }
        }

        // Results by sequence number follow EXPUNGE responses.
        private void Renumber(uint gone)
        {
            foreach (var (tag, result) in _results)
            {
                if (Searches[tag[1] - '0'].StartsWith("UID", StringComparison.Ordinal)) continue;
                Assert.DoesNotContain(gone, result);
                for (var at = 0; at < result.Count; at++)
                    if (result[at] > gone) result[at]--;
            }
        }

        private static void Apply(List<uint> result, bool adds, string[] pairs, bool isSorted, string line)
        {
            for (var at = 0; at < pairs.Length; at += 2)
            {
                var (position, numbers) = (int.Parse(pairs[at], CultureInfo.InvariantCulture), Numbers(pairs[at + 1]));
                Assert.Equal(isSorted, position > 0);
                if (adds)
                {
                    Assert.Empty(result.Intersect(numbers));
                    result.InsertRange(isSorted ? position - 1 : 0, numbers);
                    if (!isSorted) result.Sort();
                }
                else if (isSorted)
                {
                    Assert.True(result.GetRange(position - 1, numbers.Count).SequenceEqual(numbers), line);
                    result.RemoveRange(position - 1, numbers.Count);
                }
                else
                {
                    Assert.Equal(numbers.Count, result.RemoveAll(numbers.Contains));
                }
            }
        }

        private static List<uint> Numbers(string set)
        {
            var numbers = new List<uint>();
            foreach (var range in set.Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                var ends = range.Split(':').Select(static n => uint.Parse(n, CultureInfo.InvariantCulture)).ToArray();
                for (var number = ends[0]; number <= ends[^1]; number++) numbers.Add(number);
            }

            return numbers;
        }

        [GeneratedRegex(@"^\* (?<number>\d+) EXPUNGE", RegexOptions.ExplicitCapture)]
        private static partial Regex ExpungeLine();

        [GeneratedRegex("^\\* ESEARCH \\(TAG \"(?<tag>t\\d)\"\\)", RegexOptions.ExplicitCapture)]
        private static partial Regex EsearchLine();

        [GeneratedRegex(@" ALL (?<set>[\d:,]+)", RegexOptions.ExplicitCapture)]
        private static partial Regex AllItem();

        [GeneratedRegex(@" (?<word>ADDTO|REMOVEFROM) \((?<pairs>[^)]*)\)", RegexOptions.ExplicitCapture)]
        private static partial Regex ChangeItem();
    }
}
