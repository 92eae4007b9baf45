using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;

namespace MailServer.Storage.Tests.Directory;

/// <summary>Shared mailboxes, to which nobody can sign in, and who may share folders with whom. They run on both databases.</summary>
public abstract class SharedMailboxTests(DirectoryFixture directory) : IDisposable
{
    private static readonly StoredPassword Password = new PasswordHasher(DirectoryFixture.Cheap).Hash("correct horse 9");
    private readonly DirectoryFixture _directory = directory;

    public void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    private IDirectoryAdministration Administration => _directory.Administration;

    [ContractFact]
    public async Task Nobody_can_sign_in_to_a_shared_mailbox_and_it_receives_mail()
    {
        await _directory.AddAsync("ann@example.org");
        var office = EmailAddress.Parse("office@example.org");
        var account = await Administration.AddSharedMailboxAsync(office, default);
        await _directory.HeardAsync();
        Assert.True(account.IsShared);
        Assert.Null(await _directory.Store.FindLoginAsync(office, default));
        Assert.Equal(account.Id, Assert.IsType<RecipientResolution.Local>(await _directory.ResolveAsync("office+orders@example.org")).Account);
        Func<ValueTask>[] refused =
        [
            () => Administration.SetPasswordAsync(office, Password, default), async () => await Administration.SetAdminAsync(office, true, default), async () => await Administration.SetTotpAsync(office, [1], default),
            async () => await Administration.SetAppPasswordsOnlyAsync(office, true, default), async () => await Administration.AddInvitationAsync(office, new NewInvitation([1], DateTimeOffset.MaxValue), default),
            async () => await Administration.AddAppPasswordAsync(office, "phone", AccessScope.Mail, new byte[] { 1 }, AppPasswordLimits.None, default),
        ];
        foreach (var change in refused) Assert.Equal(DirectoryRefusal.AccountIsShared, await DirectoryFixture.RefusalAsync(change));
        Assert.Equal(DirectoryRefusal.AccountExists, await DirectoryFixture.RefusalAsync(() => Administration.AddAccountAsync(office, Password, default)));
        Assert.True(await Administration.SetQuotaAsync(office, 1_000, default));
        await _directory.HeardAsync();
        Assert.Null(await _directory.Store.FindLoginAsync(office, default));
        Assert.Equal((true, 1_000), ((await _directory.Store.FindAccountAsync(account.Id, default))!.IsShared, (await _directory.Store.FindAccountAsync(account.Id, default))!.Quota));
    }

    [ContractFact]
    public async Task Those_who_share_something_are_known_to_the_other_account_until_either_is_removed()
    {
        var (ann, ben, cid) = (await _directory.AddAsync("ann@example.org"), await _directory.AddAsync("ben@example.net"), await _directory.AddAsync("cid@example.org"));
        Assert.Empty(await SharersAsync(ann));
        await _directory.Store.AddShareAsync(ben.Id, ann.Id, default);
        await _directory.Store.AddShareAsync(ben.Id, ann.Id, default);
        await _directory.Store.AddShareAsync(cid.Id, null, default);
        await _directory.HeardAsync();
        Assert.Equal(["ben@example.net", "cid@example.org"], await SharersAsync(ann));
        Assert.Equal(["cid@example.org"], await SharersAsync(ben));
        Assert.Empty(await SharersAsync(cid));
        await Administration.RemoveAccountAsync(ben.Address, default);
        await Administration.RemoveAccountAsync(ann.Address, default);
        await _directory.HeardAsync();
        var again = await _directory.AddAsync("ann@example.org");
        await _directory.HeardAsync();
        Assert.NotEqual(ann.Id, again.Id);
        Assert.Equal(["cid@example.org"], await SharersAsync(again));
    }

    private async Task<IEnumerable<string>> SharersAsync(Account guest) => (await _directory.Store.SharersAsync(guest.Id, default)).Select(static a => a.Address.ToString());
}

/// <summary>The same, in mail.db.</summary>
public sealed class SqliteSharedMailboxTests() : SharedMailboxTests(new SqliteDirectoryFixture());

/// <summary>The same, in PostgreSQL.</summary>
public sealed class PostgresSharedMailboxTests() : SharedMailboxTests(new Postgres.PostgresDirectoryFixture());
