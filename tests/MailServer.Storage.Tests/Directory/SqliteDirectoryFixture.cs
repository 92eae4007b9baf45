using MailServer.Storage.Directory;

namespace MailServer.Storage.Tests.Directory;

/// <summary>A mail.db in its own folder.</summary>
public sealed class SqliteDirectoryFixture : DirectoryFixture
{
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("directory-").FullName;

    public SqliteDirectoryFixture()
    {
        DatabasePath = Path.Combine(_folder, "data", "mail.db");
        Store = DirectoryStore.Open(DatabasePath, create: true, TimeProvider.System, audit: null, Folders);
    }

    public string DatabasePath { get; }

    public override IDirectoryStore Store { get; }

    public override IDirectoryStore OpenAnother() => DirectoryStore.Open(DatabasePath, create: false, TimeProvider.System, audit: null, Folders);

    /// <summary>Each query checks for changes.</summary>
    public override Task HeardAsync() => Task.CompletedTask;

    public override void Dispose()
    {
        Store.Dispose();
        System.IO.Directory.Delete(_folder, recursive: true);
        System.IO.Directory.Delete(MaildirPath, recursive: true);
    }
}
