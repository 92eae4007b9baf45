using System.Globalization;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Backup;
using MailServer.Storage.Collections;
using MailServer.Storage.Directory;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;
using MailServer.Storage.Tests.Collections;
using MailServer.Storage.Tests.SafeFiles;

namespace MailServer.Storage.Tests.Backup;

/// <summary>
/// Random installations over random nights: mail arrives, disappears and moves, accounts are removed, irregular files appear, backups are damaged, clocks
/// jump. Whatever happened, the last backup is complete and restores everything.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class BackupPropertyTests
{
    private const int Nights = 5;

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, int.Parse(Environment.GetEnvironmentVariable("MAILSERVER_BACKUP_SEEDS") ?? "8", CultureInfo.InvariantCulture))];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_restored_installation_equals_the_original(int seed)
    {
        var random = new Random(seed);
        using var installation = new TestInstallation(data => Arrange(random, data));
        var world = new InstallationMutator(installation, random);
        installation.Backups = random.Next(2) == 0 ? Path.Combine(installation.Data, "backups") : "";
        var made = "";
        for (var night = 0; night < Nights; night++)
        {
            for (var step = random.Next(1, 12); step > 0; step--) world.Change();
            if (made.Length > 0 && random.Next(3) == 0) Damage(random, installation.PathOf(made));
            if (random.Next(4) == 0) installation.Clock.AdjustTime(installation.Clock.GetUtcNow() + TimeSpan.FromDays(random.Next(-3000, 3000)));
            var summary = installation.BackUp();
            Assert.Equal(world.Unreadable, summary.Problems.Count);
            made = summary.Name;
            installation.Folder.Prune(random.Next(1, 4), made);
            Assert.Equal(installation.PathOf(made), installation.Folder.Find(null));
        }

        // Damage visible only by hash is repaired within one cycle of hash checks.
        for (var night = 0; night < PreviousBackup.VerificationCycle; night++) made = installation.BackUp().Name;
        Assert.Empty(installation.Verify(made));
        Assert.DoesNotContain(System.IO.Directory.GetFileSystemEntries(installation.Folder.Path), static e => Path.GetFileName(e).StartsWith('.'));
        Compare(installation);
    }

    private static void Compare(TestInstallation installation)
    {
        var target = installation.Elsewhere();
        var outcome = installation.RestoreInto(target);
        Assert.True(outcome.IsDone, string.Join('\n', outcome.Damaged));
        Same(Mail(installation.Mail), Mail(target.MaildirDirectory));
        Same(Queue(installation.SpoolDirectory), Queue(target.SpoolDirectory));
        Same(Keys(installation.Data), Keys(target.DataDirectory));
        Assert.Equal(Content(installation.Places.DatabaseFile), Content(target.DatabaseFile));
        var accounts = installation.Accounts();
        foreach (var account in accounts)
        {
            Assert.Equal(Content(Calendar(installation.Mail, account)), Content(Calendar(target.MaildirDirectory, account)));
            using var before = installation.OpenMailbox(account);
            using var after = installation.OpenMailbox(account, target.MaildirDirectory);
            Assert.Empty(after.Check(repair: false).Problems);
            Assert.Equal(Messages(before), Messages(after));
        }

        Assert.Equal(new AccountFolders(installation.Mail).HighestId(), new AccountFolders(target.MaildirDirectory).HighestId());
    }

    private static void Same(SortedDictionary<string, string> before, SortedDictionary<string, string> after) => Assert.Equal(
        [], before.Except(after).Select(static f => $"before: {f.Key} {f.Value}").Concat(after.Except(before).Select(static f => $"after: {f.Key} {f.Value}")));

    private static SortedDictionary<string, string> Mail(string directory) => TestInstallation.Picture(
        directory,
        static p => p.StartsWith('.') || !p.StartsWith("user_", StringComparison.Ordinal) || p.EndsWith("/tmp", StringComparison.Ordinal)
            || Path.GetFileName(p).StartsWith("index.db", StringComparison.Ordinal) || Path.GetFileName(p).StartsWith("dav.db", StringComparison.Ordinal));

    private static SortedDictionary<string, string> Queue(string directory) =>
        TestInstallation.Picture(directory, static p => p is "tmp" || p.StartsWith('.') || Path.GetFileName(p).StartsWith("odd", StringComparison.Ordinal));

    private static SortedDictionary<string, string> Keys(string directory) => TestInstallation.Picture(Path.Combine(directory, "keys"), static p => Path.GetFileName(p).StartsWith("odd", StringComparison.Ordinal));

    private static string Calendar(string mail, Account account) => Path.Combine(AccountFolder.PathOf(mail, account.Id), "dav.db");

    /// <summary>The pages of a database without free pages and change counters.</summary>
    private static byte[] Content(string database)
    {
        var copy = Path.Combine(System.IO.Directory.CreateTempSubdirectory("content-").FullName, "copy.db");
        try
        {
            SqliteDatabase.TryCopy(database, copy);
            return File.ReadAllBytes(copy)[100..];
        }
        finally
        {
            System.IO.Directory.Delete(Path.GetDirectoryName(copy)!, recursive: true);
        }
    }

    private static List<string> Messages(Storage.MailboxIndex.MailboxStore store)
    {
        var all = new List<string>();
        foreach (var folder in store.Folders().All.OrderBy(static f => f.Name.Value, StringComparer.Ordinal))
        {
            var snapshot = store.Select(folder.Name, readOnly: true).Value.Folder;
            all.Add($"{folder.Name.Value} {snapshot.UidValidity.Value}");
            var rows = store.Fetch(new MailboxRequest.Fetch(folder.Id, snapshot.Uids.Memory, FetchItems.Flags | FetchItems.InternalDate | FetchItems.Size, MarkSeen: false)).Value.Rows;
            all.AddRange(rows.Select(static r => string.Create(CultureInfo.InvariantCulture, $"{r.Uid} {r.Flags.System} {r.Flags.Keywords} {r.InternalDate:o} {r.Size}")));
        }

        return all;
    }

    private static BackupPaths Arrange(Random random, string data)
    {
        var places = TestInstallation.PlacesIn(data);
        var disk = TestDirectories.Make(Path.Combine(Path.GetDirectoryName(data)!, "disk"));
        if (random.Next(2) == 0) return places;
        TestDirectories.Make(data);
        System.IO.Directory.CreateSymbolicLink(Path.Combine(data, "maildir"), TestDirectories.Make(Path.Combine(disk, "mail")));
        return random.Next(2) == 0 ? TestInstallation.PlacesIn(data) : places with { MaildirDirectory = Path.Combine(disk, "mail") };
    }

    private static void Damage(Random random, string backup)
    {
        var files = System.IO.Directory.GetFiles(backup, "*", SearchOption.AllDirectories).Where(static f => FileStat.Find(f) is { Kind: FileKind.Regular }).Order(StringComparer.Ordinal).ToArray();
        var file = files[random.Next(files.Length)];
        var octets = File.ReadAllBytes(file);
        switch (random.Next(4))
        {
            case 0:
                File.Delete(file);
                break;
            case 1:
                File.WriteAllBytes(file, []);
                break;
            case 2 when octets.Length > 0 && Path.GetFileName(file) != "MANIFEST":
                octets[random.Next(octets.Length)] ^= 4;
                File.WriteAllBytes(file, octets);
                break;
            default:
                File.WriteAllBytes(file, [.. octets, 7]);
                break;
        }
    }

    /// <summary>Changes an installation at random.</summary>
    private sealed class InstallationMutator(TestInstallation installation, Random random)
    {
        private readonly string _keys = TestDirectories.Make(Path.Combine(installation.Data, "keys"));
        private int _number;

        /// <summary>Files whose names are not valid text.</summary>
        public int Unreadable { get; private set; }

        public void Change()
        {
            var accounts = installation.Accounts();
            if (accounts.Count == 0 || random.Next(12) == 0)
            {
                installation.AddAccount($"user{_number++}");
                return;
            }

            var account = accounts[random.Next(accounts.Count)];
            switch (random.Next(11))
            {
                case 0 when accounts.Count > 1:
                    installation.RemoveAccount(account);
                    new AccountFolders(installation.Mail).MarkRemoved(account);
                    break;
                case 1:
                    installation.Queue(TestMailbox.Text($"queued {_number++}"));
                    break;
                case 2:
                    PutEvent(account);
                    break;
                case 3:
                    File.WriteAllText(Path.Combine(_keys, $"key{random.Next(5)}\nof\\n{random.Next(3)}"), $"secret {_number++}");
                    break;
                case 4:
                    PutOdd();
                    break;
                case 5 or 6:
                    using (var store = installation.OpenMailbox(account)) ChangeMail(store);
                    break;
                default:
                    installation.Deliver(account, TestMailbox.Text($"message {_number++}", new string('x', random.Next(5_000))));
                    break;
            }
        }

        private void ChangeMail(Storage.MailboxIndex.MailboxStore store)
        {
            var name = FolderName.Parse(random.Next(2) == 0 ? "Work" : "Work/Projekte ü");
            store.CreateFolder(name, FolderRole.None);
            var inbox = store.Select(FolderName.Inbox, readOnly: true).Value.Folder;
            if (inbox.Uids.Count == 0) return;
            var uid = inbox.Uids.Span[random.Next(inbox.Uids.Count)];
            if (random.Next(2) == 0) store.Copy(inbox.Id, [uid], name, move: random.Next(2) == 0);
            else store.Store(inbox.Id, [uid], FlagOperation.Add, new MessageFlags(random.Next(2) == 0 ? SystemFlags.Seen : SystemFlags.Deleted, KeywordSet.FromStorage("$Work")));
            if (random.Next(4) == 0) store.Expunge(inbox.Id, null);
        }

        private void PutEvent(Account account)
        {
            using var store = CollectionStore.Open(new CollectionStoreOptions { Directory = AccountFolder.PathOf(installation.Mail, account.Id), Limits = Limits.Default }, TimeProvider.System);
            store.Change(new CollectionRequest.Put(TestCollections.Calendar.Child($"e{_number++}.ics"), TestCollections.Event($"e{_number}")));
            store.Commit();
        }

        private void PutOdd()
        {
            string[] places = [_keys, installation.Data, installation.SpoolDirectory];
            var directory = TestDirectories.Make(places[random.Next(places.Length)]);
            var odd = Path.Combine(directory, $"odd{_number++}");
            switch (random.Next(4))
            {
                case 0:
                    File.CreateSymbolicLink(odd, odd);
                    break;
                case 1:
                    System.IO.Directory.CreateSymbolicLink(odd, installation.Root);
                    break;
                case 2:
                    IrregularFiles.Put(IrregularFile.Fifo, directory, Path.GetFileName(odd), installation.Root);
                    break;
                default:
                    IrregularFiles.Put(IrregularFile.Socket, directory, Path.GetFileName(odd), installation.Root);
                    break;
            }
        }
    }
}
