using System.Globalization;
using System.Text.RegularExpressions;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>
/// NOTIFY (RFC 5465): a client that believes what it is told, and asks only for what its own commands have changed, agrees with the mailbox at any time.
/// </summary>
public sealed partial class NotifyTests
{
    private const string All = "(selected (MessageNew (UID FLAGS) MessageExpunge FlagChange)) (personal (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))";

    [Theory]
    [InlineData("")]
    [InlineData("CONDSTORE")]
    [InlineData("QRESYNC")]
    public void A_client_that_is_notified_agrees_with_the_mailbox(string extension)
    {
        for (var seed = 1; seed <= 150; seed++)
        {
            using var run = new Run(seed, extension);
            run.Play();
        }
    }

    [Fact]
    public void A_message_is_fetched_without_being_marked_as_read()
    {
        using var driver = ImapDriver.SignedIn();
        driver.Say("s SELECT INBOX\r\na NOTIFY SET (selected (MessageNew (BODY[TEXT]) MessageExpunge))\r\n");
        driver.Mailbox.Deliver("INBOX", "a: b\r\n\r\ntext"u8.ToArray(), MessageFlags.None);
        driver.Notify();
        Assert.EndsWith("* 1 FETCH (BODY[TEXT] {4}\r\ntext)\r\n", driver.TakeOutput(), StringComparison.Ordinal);
        Assert.Equal(SystemFlags.None, driver.Mailbox.Folder("INBOX").Messages[0].Flags.System);
    }

    [Fact]
    public void A_message_that_arrives_while_an_idle_client_is_told_of_a_mailbox_that_moved_is_told_next()
    {
        using var driver = ImapDriver.SignedIn();
        driver.Mailbox.Deliver("INBOX", "a: b\r\n\r\ntext"u8.ToArray(), MessageFlags.None);
        driver.Say("s SELECT INBOX\r\ni IDLE\r\n");
        driver.Session.ApplyReselection(((MailboxReply.Selected)driver.Mailbox.Answer(new MailboxRequest.Select(FolderName.Inbox, ReadOnly: false))).Folder);
        driver.BeforeEffect = effect =>
        {
            if (effect is not ImapEffect.RequestMailbox { Request: MailboxRequest.Fetch }) return;
            driver.BeforeEffect = static _ => { };
            driver.Mailbox.Deliver("INBOX", "a: b\r\n\r\ntext"u8.ToArray(), MessageFlags.None);
            driver.Mailbox.NotifyOfAll(isOwn: false);
        };
        driver.Send([]);
        Assert.Contains("* 2 EXISTS", driver.TakeOutput(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(MailboxRequest.Watch))]
    public void A_mailbox_that_cannot_be_watched_refuses_the_command(Type failing)
    {
        using var driver = ImapDriver.SignedIn();
        driver.BeforeEffect = effect => driver.Mailbox.FailsNext = effect is ImapEffect.RequestMailbox { Request: var request } && request.GetType() == failing;
        Assert.StartsWith("a NO [UNAVAILABLE]", driver.Say($"a NOTIFY SET {All}\r\n"), StringComparison.Ordinal);
        Assert.False(driver.Session.WatchesFolders);
    }

    [Fact]
    public void A_message_that_cannot_be_fetched_is_announced()
    {
        using var driver = ImapDriver.SignedIn();
        driver.Say($"s SELECT INBOX\r\na NOTIFY SET {All}\r\n");
        driver.BeforeEffect = effect => driver.Mailbox.FailsNext = effect is ImapEffect.RequestMailbox { Request: MailboxRequest.Fetch };
        driver.Mailbox.Deliver("INBOX", [], MessageFlags.None);
        driver.Notify();
        Assert.Equal("* 1 EXISTS\r\n* 1 RECENT\r\n", driver.TakeOutput());
        driver.BeforeEffect = static _ => { };
        Assert.Equal("b OK NOOP completed\r\n", driver.Say("b NOOP\r\n"));
    }

    [Theory]
    [InlineData("(personal NONE)", 101)]
    [InlineData("(mailboxes (a b c d e f g h i j k) (MailboxName))", 99)]
    public void Too_many_groups_or_names_are_refused(string group, int count)
    {
        using var driver = ImapDriver.SignedIn();
        var command = string.Concat(Enumerable.Repeat(" " + group, count));
        Assert.StartsWith("a NO [NOTIFICATIONOVERFLOW]", driver.Say($"a NOTIFY SET{command}\r\n"), StringComparison.Ordinal);
        Assert.False(driver.Session.WatchesFolders);
    }

    [Fact]
    public void After_a_time_without_notifications_the_differences_are_told()
    {
        using var driver = ImapDriver.SignedIn();
        driver.Mailbox.Create(FolderName.Parse("Old"));
        driver.Say($"a NOTIFY SET {All}\r\n");
        driver.Mailbox.AccountChanged = static _ => { };
        driver.Mailbox.Deliver("Junk", [], MessageFlags.None);
        driver.Mailbox.Perform(new MailboxRequest.RenameFolder(FolderName.Parse("Old"), FolderName.Parse("New")));
        driver.Session.ApplyWatch((MailboxReply.Watched)driver.Mailbox.Answer(new MailboxRequest.Watch(true)));
        driver.Notify();
        var told = driver.TakeOutput().Split("\r\n");
        Assert.Contains("* LIST (\\HasNoChildren) \"/\" New (\"OLDNAME\" (Old))", told);
        Assert.Contains(told, static line => line.StartsWith("* STATUS Junk (MESSAGES 1 UIDNEXT 2 ", StringComparison.Ordinal));
        Assert.Equal(3, told.Length);
    }

    [Fact]
    public void Nothing_is_told_in_the_middle_of_a_command()
    {
        using var driver = ImapDriver.SignedIn();
        driver.Say($"a NOTIFY SET {All}\r\n");
        Assert.StartsWith("+", driver.Say("b APPEND INBOX {8}\r\n"), StringComparison.Ordinal);
        driver.Mailbox.Deliver("Junk", [], MessageFlags.None);
        driver.Notify();
        Assert.False(driver.Session.HasWork);
        Assert.Equal("", driver.TakeOutput());
        var told = driver.Say("a: b\r\n\r\n\r\n");
        Assert.Matches("^\\* STATUS Junk .*\r\nb OK ", told);
    }

    private sealed partial class Run : IDisposable
    {
        private static readonly string[] Names = ["A", "A/B", "A/B/C", "D", "E/F", "G"];
        private readonly ImapDriver _driver;
        private readonly Random _random;
        private readonly Client _client = new();
        private readonly int _seed;
        private bool _idles;

        public Run(int seed, string extension)
        {
            (_seed, _random) = (seed, new Random(seed));
            _driver = ImapDriver.SignedIn(Limits.Default with { FetchPage = 5 });
            if (extension.Length > 0) Say($"ENABLE {extension}");
            foreach (var name in Names[..4]) _driver.Mailbox.Create(FolderName.Parse(name));
            Say($"NOTIFY SET STATUS {All}");
            Relist();
        }

        public void Dispose() => _driver.Dispose();

        public void Play()
        {
            for (var step = 0; step < 40; step++)
            {
                if (_idles || _random.Next(5) < 3) OthersWork();
                else Work();
                if (_random.Next(3) == 0) _driver.Notify();
                if (_random.Next(6) == 0) Idle();
                _client.Hear(_driver.TakeOutput());
                if (_random.Next(3) == 0) AssertAgreement();
            }
        }

        private string AnyName => Names[_random.Next(Names.Length)];

        private string AnyFolder
        {
            get
            {
                var all = _driver.Mailbox.Folders.All;
                return all[_random.Next(all.Count)].Name.Value;
            }
        }

        private void Idle()
        {
            _client.Hear(_driver.Say(_idles ? "DONE\r\n" : "i IDLE\r\n"));
            _idles = !_idles;
        }

        private void OthersWork()
        {
            var (mailbox, folder) = (_driver.Mailbox, AnyFolder);
            var messages = mailbox.Folder(folder).Messages;
            var any = messages.Count == 0 ? 0 : messages[_random.Next(messages.Count)].Uid.Value;
            switch (_random.Next(8))
            {
                case 0 or 1:
                    mailbox.Deliver(folder, [], MessageFlags.None);
                    break;
                case 2 when any > 0:
                    mailbox.Expunge(folder, any);
                    break;
                case 3 when any > 0:
                    mailbox.SetFlags(folder, any, new MessageFlags((SystemFlags)_random.Next(32)));
                    break;
                case 4:
                    mailbox.Perform(new MailboxRequest.CreateFolder(FolderName.Parse(AnyName)));
                    break;
                case 5 when folder != _client.Selected:
                    mailbox.Perform(new MailboxRequest.DeleteFolder(FolderName.Parse(folder)));
                    break;
                case 6 when folder != "INBOX" && _client.Selected is null:
                    mailbox.Perform(new MailboxRequest.RenameFolder(FolderName.Parse(folder), FolderName.Parse(AnyName)));
                    break;
                default:
                    mailbox.Perform(new MailboxRequest.Subscribe(FolderName.Parse(AnyName), _random.Next(2) == 0));
                    break;
            }
        }

        private void Work()
        {
            var folder = AnyFolder;
            switch (_random.Next(9))
            {
                case 0:
                    var previous = _client.Selected;
                    Say($"SELECT {folder}", selects: folder);
                    Say("UID FETCH 1:* (FLAGS)");
                    if (previous is not null) Ask(previous);
                    break;
                case 1 when _client.Selected is { } selected:
                    Say("UNSELECT", selects: "");
                    Say($"STATUS {selected} (MESSAGES UIDNEXT UNSEEN)");
                    break;
                case 2:
                    Say($"APPEND {folder} {{2+}}\r\na:");
                    Ask(folder);
                    break;
                case 3 when _client.Count > 0:
                    Say($"STORE {_random.Next(_client.Count) + 1} +FLAGS (\\Seen \\Deleted)");
                    break;
                case 4 when _client.Selected is not null:
                    Say("EXPUNGE");
                    break;
                case 5 when _client.Count > 0:
                    Say($"COPY 1 {folder}");
                    Ask(folder);
                    break;
                case 6:
                    Say($"CREATE {AnyName}");
                    Relist();
                    break;
                case 7:
                    Say($"SUBSCRIBE {AnyName}");
                    Relist();
                    break;
                default:
                    Say("NOOP");
                    break;
            }
        }

        // What a client does itself it is not told.
        private void Ask(string folder)
        {
            if (_client.Selected == folder) Say("UID FETCH 1:* (FLAGS)");
            else Say($"STATUS {folder} (MESSAGES UIDNEXT UNSEEN)");
        }

        private void Relist()
        {
            _client.Names.Clear();
            Say("LIST \"\" * RETURN (SUBSCRIBED)");
            Say("LIST (SUBSCRIBED) \"\" *");
        }

        private void Say(string command, string? selects = null)
        {
            _client.Hear(_driver.TakeOutput());
            var told = _driver.Say($"a {command}\r\n");
            // What was pending of the previous folder comes before CLOSED (RFC 7162 §3.2.11).
            var closed = told.IndexOf("* OK [CLOSED]", StringComparison.Ordinal);
            _client.Hear(closed < 0 ? "" : told[..closed]);
            if (selects?.Length > 0) _client.Select(selects);
            _client.Hear(told[Math.Max(closed, 0)..]);
            if (selects is "") _client.Select(selects);
        }

        private void AssertAgreement()
        {
            _driver.Notify();
            _client.Hear(_driver.TakeOutput());
            var folders = _driver.Mailbox.Folders;
            var because = $"seed {_seed.ToString(CultureInfo.InvariantCulture)}";
            Assert.True(folders.All.Select(f => f.Name.Value).Order(StringComparer.Ordinal).SequenceEqual(_client.Existing), because);
            Assert.True(folders.Subscriptions.Select(f => f.Value).Order(StringComparer.Ordinal).SequenceEqual(_client.Subscribed), because);
            foreach (var folder in folders.All.Select(f => _driver.Mailbox.Folder(f.Name.Value)))
            {
                var name = folder.Name.Value;
                if (name == _client.Selected)
                {
                    var actual = string.Join(' ', folder.Messages.Select(m => $"{m.Uid}={(int)m.Flags.System}"));
                    Assert.True(actual == _client.View, $"{because}: {name} {actual} but the client knows {_client.View}");
                    continue;
                }

                var status = folder.Status();
                // A folder that others have created is empty as long as nobody says otherwise.
                var known = _client.Status.GetValueOrDefault(name, (0, 1, 0));
                Assert.True((status.Messages, (int)status.UidNext, status.Unseen) == known, $"{because}: {name} {status} but the client knows {known}");
            }
        }
    }

    /// <summary>Applies responses, and nothing else.</summary>
    private sealed partial class Client
    {
        private readonly List<(uint Uid, int Flags)?> _messages = [];

        /// <summary>The names in LIST responses: whether a folder exists, and whether it is subscribed.</summary>
        public SortedDictionary<string, (bool Exists, bool IsSubscribed)> Names { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, (int Messages, int UidNext, int Unseen)> Status { get; } = [];

        public string? Selected { get; private set; }

        public int Count => _messages.Count;

        public string View => string.Join(' ', _messages.Select(static m => m is { } known ? $"{known.Uid}={known.Flags}" : "?"));

        public IEnumerable<string> Existing => Names.Where(static n => n.Value.Exists).Select(static n => n.Key);

        public IEnumerable<string> Subscribed => Names.Where(static n => n.Value.IsSubscribed).Select(static n => n.Key);

        public void Select(string folder)
        {
            Selected = folder.Length == 0 ? null : folder;
            _messages.Clear();
        }

        public void Hear(string responses)
        {
            foreach (var line in responses.Split("\r\n"))
            {
                if (StatusLine().Match(line) is { Success: true } status)
                    Status[status.Groups["name"].Value] = (Item(line, "MESSAGES"), Item(line, "UIDNEXT"), Item(line, "UNSEEN"));
                else if (ListLine().Match(line) is { Success: true } list) Listed(list);
                else if (CountLine().Match(line) is { Success: true } count) Counted(int.Parse(count.Groups["number"].Value, CultureInfo.InvariantCulture), count.Groups["word"].Value, line);
                else if (line.StartsWith("* VANISHED ", StringComparison.Ordinal)) Vanished(line["* VANISHED ".Length..]);
            }
        }

        private void Listed(Match list)
        {
            var (name, old) = (list.Groups["name"].Value, list.Groups["old"].Value);
            var attributes = list.Groups["attributes"].Value;
            if (old.Length > 0) Rename(old, name);
            var exists = !attributes.Contains("\\NonExistent", StringComparison.Ordinal);
            if (!exists) Status.Remove(name);
            Names[name] = (exists, attributes.Contains("\\Subscribed", StringComparison.Ordinal));
        }

        // All at once, because a folder can move below its own name. Subscriptions are of names, so they stay.
        private void Rename(string from, string to)
        {
            var moved = Existing.Where(n => n == from || n.StartsWith(from + "/", StringComparison.Ordinal)).ToDictionary(static n => n, n => Status.Remove(n, out var status) ? status : (0, 1, 0));
            foreach (var old in moved.Keys) Names[old] = (false, Names[old].IsSubscribed);
            foreach (var (old, status) in moved)
            {
                var name = to + old[from.Length..];
                Names[name] = (true, Names.GetValueOrDefault(name).IsSubscribed);
                Status[name] = status;
            }
        }

        private void Counted(int number, string word, string line)
        {
            if (word == "EXISTS")
            {
                Assert.True(number >= Count, line);
                while (Count < number) _messages.Add(null);
            }
            else if (word == "EXPUNGE")
            {
                _messages.RemoveAt(number - 1);
            }
            else if (word == "FETCH")
            {
                var uid = Item(line, "UID");
                var flags = Enum.GetValues<SystemFlags>().Where(f => line.Contains("\\" + f, StringComparison.Ordinal)).Aggregate(SystemFlags.None, static (all, f) => all | f);
                if (uid > 0) _messages[number - 1] = ((uint)uid, (int)flags);
                else if (_messages[number - 1] is { } known && line.Contains("FLAGS", StringComparison.Ordinal)) _messages[number - 1] = known with { Flags = (int)flags };
            }
        }

        private void Vanished(string set)
        {
            foreach (var range in set.Split(','))
            {
                var ends = range.Split(':').Select(static n => uint.Parse(n, CultureInfo.InvariantCulture)).ToArray();
                Assert.True(_messages.RemoveAll(m => m is { } known && known.Uid >= ends[0] && known.Uid <= ends[^1]) > 0, set);
            }
        }

        private static int Item(string line, string name) => Regex.Match(line, $@"\b{name} (\d+)") is { Success: true } found ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

        [GeneratedRegex(@"^\* STATUS (?<name>\S+) \(", RegexOptions.ExplicitCapture)]
        private static partial Regex StatusLine();

        [GeneratedRegex("^\\* LIST \\((?<attributes>[^)]*)\\) \"/\" (?<name>\\S+)( \\(\"OLDNAME\" \\((?<old>[^)]*)\\)\\))?", RegexOptions.ExplicitCapture)]
        private static partial Regex ListLine();

        [GeneratedRegex(@"^\* (?<number>\d+) (?<word>EXISTS|EXPUNGE|FETCH)", RegexOptions.ExplicitCapture)]
        private static partial Regex CountLine();
    }
}
