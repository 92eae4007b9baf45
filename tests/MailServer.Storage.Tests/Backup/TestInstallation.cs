using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Backup;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Backup;
using MailServer.Storage.Directory;
using MailServer.Storage.MailboxIndex;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Spool;
using MailServer.Storage.Tests.SafeFiles;
using Microsoft.Extensions.Time.Testing;
using MessageSpool = MailServer.Storage.Spool.MessageSpool;

namespace MailServer.Storage.Tests.Backup;

/// <summary>The data of a stopped server in its own folder, with backups next to it.</summary>
internal sealed class TestInstallation : IDisposable
{
    private static readonly StoredPassword Password = new PasswordHasher(Tests.Directory.DirectoryFixture.Cheap).Hash("x");

    private readonly TestMessageFormat _format = new();

    public TestInstallation(Func<string, BackupPaths>? places = null)
    {
        Places = (places ?? PlacesIn)(Path.Combine(Root, "data"));
        foreach (var directory in new[] { Data, Mail, Path.GetDirectoryName(Places.DatabaseFile)! }) System.IO.Directory.CreateDirectory(directory);
        using var directoryStore = OpenDirectory(create: true);
        directoryStore.Administration.AddDomainAsync("example.org", default).AsTask().GetAwaiter().GetResult();
    }

    // On a memory file system, where flushing is free.
    public string Root { get; } = System.IO.Directory.CreateDirectory(
        Path.Combine(System.IO.Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), "backup-" + Guid.NewGuid().ToString("N"))).FullName;

    public BackupPaths Places { get; set; }

    public string Data => Path.Combine(Root, "data");

    public string Mail => Places.MaildirDirectory;

    public string SpoolDirectory => Path.Combine(Data, "spool");

    public string Backups { get; set; } = "";

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 29, 3, 0, 0, TimeSpan.Zero));

    public BackupRepository Folder => new(Backups.Length == 0 ? Path.Combine(Root, "backups") : Backups);

    public static BackupPaths PlacesIn(string data) =>
        new() { DataDirectory = data, MaildirDirectory = Path.Combine(data, "maildir"), DatabaseFile = Path.Combine(data, "mail.db") };

    public Account AddAccount(string name)
    {
        using var store = OpenDirectory();
        return store.Administration.AddAccountAsync(EmailAddress.Parse($"{name}@example.org"), Password, default).AsTask().GetAwaiter().GetResult();
    }

    public void RemoveAccount(Account account)
    {
        using var store = OpenDirectory();
        store.Administration.RemoveAccountAsync(account.Address, default).AsTask().GetAwaiter().GetResult();
    }

    public IReadOnlyList<Account> Accounts()
    {
        using var store = OpenDirectory();
        return store.Administration.ListAccountsAsync(null, default).AsTask().GetAwaiter().GetResult();
    }

    public void Deliver(Account account, string text, string folder = "INBOX")
    {
        var spool = new MessageSpool(new SpoolOptions { Directory = SpoolDirectory, Node = "test", Limits = Limits.Default }, _format, TimeProvider.System);
        using var buffer = spool.Begin();
        buffer.Write(Encoding.Latin1.GetBytes(text));
        var message = spool.Commit(buffer, default);
        using (var store = OpenMailbox(account))
        {
            Assert.Null(store.Stage(FolderName.Parse(folder), MessageFlags.None, null, message));
            store.CommitStaged();
        }

        spool.Remove(message.Id);
    }

    /// <summary>Queues a message for another host.</summary>
    public string Queue(string text)
    {
        var spool = new MessageSpool(new SpoolOptions { Directory = SpoolDirectory, Node = "test", Limits = Limits.Default }, _format, TimeProvider.System);
        using var buffer = spool.Begin();
        buffer.Write(Encoding.Latin1.GetBytes(text));
        return spool.Commit(buffer, default).Id.Value;
    }

    public MailboxStore OpenMailbox(Account account, string? mail = null) => MailboxStore.Open(
        new MailboxStoreOptions { Directory = AccountFolder.PathOf(mail ?? Mail, account.Id), Owner = account, SpoolDirectory = SpoolDirectory, SyncDirectories = false },
        _format, TimeProvider.System);

    /// <summary>The message files of an account.</summary>
    public string[] Messages(Account account) =>
        [.. System.IO.Directory.EnumerateFiles(AccountFolder.PathOf(Mail, account.Id), "*,U=*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    public BackupSummary BackUp()
    {
        Clock.Advance(TimeSpan.FromMinutes(1));
        var writer = new BackupWriter(Places, Folder, new OfflineBackupSource(Places, Limits.Default, _format, Clock), Clock);
        return writer.RunAsync([.. Accounts().Select(static a => a.Id)], null, default).GetAwaiter().GetResult();
    }

    public BackupSummary BackUpAt(DateTimeOffset time)
    {
        Clock.AdjustTime(time - TimeSpan.FromMinutes(1));
        return BackUp();
    }

    public string PathOf(string backup) => Path.Combine(Folder.Path, backup);

    public IReadOnlyList<string> Verify(string backup) => BackupVerifier.Verify(PathOf(backup), null, default);

    /// <summary>Restores the newest backup into an empty directory; returns it.</summary>
    public RestoreOutcome RestoreInto(BackupPaths target, string? name = null, bool skipDamaged = false)
    {
        var restore = new BackupRestorer(Folder.Find(name), target);
        Assert.Null(restore.FindObstacle());
        return restore.RestoreAll(skipDamaged, null, default);
    }

    public BackupPaths Elsewhere() => PlacesIn(Path.Combine(Root, "restored-" + Guid.NewGuid().ToString("N")));

    /// <summary>Every file below a directory with its hash, kind and time, without following links; omits what may differ after a restore.</summary>
    public static SortedDictionary<string, string> Picture(string directory, Func<string, bool>? without = null)
    {
        var picture = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Add(directory);
        return picture;

        void Add(string at)
        {
            foreach (var entry in System.IO.Directory.EnumerateFileSystemEntries(at))
            {
                var path = Path.GetRelativePath(directory, entry);
                if (without?.Invoke(path) == true) continue;
                switch (FileStat.Find(entry)?.Kind)
                {
                    case FileKind.Directory:
                        picture.Add(path + "/", "");
                        Add(entry);
                        break;
                    case FileKind.Regular:
                        picture.Add(path, $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(entry)))} {File.GetLastWriteTimeUtc(entry).Ticks}");
                        break;
                    case var kind:
                        picture.Add(path, $"{kind}");
                        break;
                }
            }
        }
    }

    public IDirectoryStore OpenDirectory(bool create = false) =>
        DirectoryStore.Open(Places.DatabaseFile, create, TimeProvider.System, audit: null, new AccountFolders(Mail));

    public void Dispose()
    {
        IrregularFiles.RemoveAll(Root);
        System.IO.Directory.Delete(Root, recursive: true);
    }
}
