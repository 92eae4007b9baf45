using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Storage.Collections;
using MailServer.Storage.Directory;
using MailServer.Storage.Sqlite;
using MailServer.Storage.Tests.Collections;
using MailServer.Storage.Tests.Directory;

namespace MailServer.Storage.Tests.Sqlite;

/// <summary>Data written by earlier versions has the same meaning for the current stores, which continue to write to it.</summary>
public sealed class OlderStoreTests : IDisposable
{
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("older-").FullName;

    public static TheoryData<int> DirectoryVersions => [.. Enumerable.Range(1, DirectoryMigrations.Steps.Length)];

    public static TheoryData<int> CollectionVersions => [.. Enumerable.Range(1, CollectionSchema.Steps.Length)];

    [Theory]
    [MemberData(nameof(DirectoryVersions))]
    public async Task An_account_of_any_earlier_directory_version_signs_in_receives_and_can_be_changed(int version)
    {
        var path = Path.Combine(_folder, "mail.db");
        using (var older = SqliteDatabase.Open(path))
        {
            older.Migrate("mail.db", DirectoryMigrations.Steps[..version]);
            older.Execute(
                """
                INSERT INTO domains (id, name, created_at) VALUES (1, 'example.org', 1700000000);
                INSERT INTO accounts (id, domain_id, address, address_key, enabled, created_at) VALUES (7, 1, 'Ann@example.org', 'ann@example.org', 1, 1700000001);
                INSERT INTO credentials (account_id, password_hash, scram_salt, scram_iterations, scram_stored_key, scram_server_key)
                VALUES (7, 'a hash', x'01', 4096, x'02', x'03');
                INSERT INTO aliases (domain_id, address, address_key, target, target_key, target_base)
                VALUES (1, 'info@example.org', 'info@example.org', 'ann@example.org', 'ann@example.org', 'ann@example.org');
                """);
        }

        using var store = DirectoryStore.Open(path, create: false, TimeProvider.System);
        var ann = EmailAddress.Parse("ann@example.org");
        Assert.Equal(DirectoryMigrations.Steps.Length - version, store.MigrationsApplied);
        var login = (await store.FindLoginAsync(ann, default))!;
        Assert.Equal((new AccountId(7), true, "a hash"), (login.Account.Id, login.Account.Enabled, login.PasswordHash));
        Assert.Equal((1, 4096), (login.Scram!.Salt.Span[0], login.Scram.Iterations));
        Assert.IsType<RecipientResolution.Alias>(await store.ResolveAsync(EmailAddress.Parse("info@example.org"), default));
        await store.Administration.SetAdminAsync(ann, true, default);
        Assert.True((await store.FindLoginAsync(ann, default))!.Account.IsAdmin);
        await store.Administration.AddAccountAsync(EmailAddress.Parse("ben@example.org"), new PasswordHasher(DirectoryFixture.Cheap).Hash("correct horse 9"), default);
        Assert.Equal(2, (await store.Administration.ListAccountsAsync(null, default)).Count);
    }

    [Theory]
    [MemberData(nameof(CollectionVersions))]
    public void A_calendar_of_any_earlier_version_can_be_read_and_written(int version)
    {
        using (var older = SqliteDatabase.Open(Path.Combine(_folder, "dav.db")))
        {
            older.Migrate("dav.db", CollectionSchema.Steps[..version]);
            older.Execute(
                """
                INSERT INTO collections VALUES (1, 0, 'calendars', 0, 0, 0, 1, 1, 0), (2, 1, 'calendar', 2, 0, 1, 1, 2, 0), (3, 0, 'addressbooks', 0, 1, 0, 1, 3, 0), (4, 0, 'files', 0, 2, 0, 1, 4, 0);
                INSERT INTO resources VALUES (1, 2, 'old.ics', 'tag-old', 3, 'text/calendar', 1, 1, 1, 5, 'old', 0, 9);
                INSERT INTO bodies VALUES (1, x'6f6c64');
                UPDATE state SET value = 6 WHERE name = 'modseq';
                """);
        }

        using var store = CollectionStore.Open(new CollectionStoreOptions { Directory = _folder, Limits = Limits.Default }, TimeProvider.System);
        var old = TestCollections.Calendar.Child("old.ics");
        Assert.Equal("old"u8.ToArray(), Assert.IsType<CollectionReply.ItemFound>(store.Read(new CollectionRequest.Find(old, WithBody: true))).Resource!.Body.ToArray());
        Assert.IsType<CollectionReply.Stored>(store.Change(new CollectionRequest.Put(TestCollections.Calendar.Child("new.ics"), TestCollections.Event("new")) { Conditions = Preconditions.None }));
        Assert.IsNotType<CollectionReply.Refused>(store.Change(new CollectionRequest.Delete(old) { Conditions = Preconditions.None }));
        store.Commit();
        var left = Assert.IsType<CollectionReply.Page>(store.Read(new CollectionRequest.List(TestCollections.Calendar, 0, WithProperties: false)));
        Assert.Equal(["new.ics"], left.Resources.Select(static entry => entry.Name));
    }

    public void Dispose() => System.IO.Directory.Delete(_folder, recursive: true);
}
