using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;

namespace MailServer.Storage.Tests.Directory;

/// <summary>State, comment and targets of aliases; invitations; several accounts at once. They run on both databases.</summary>
public abstract class AliasAndInvitationTests(DirectoryFixture directory) : IDisposable
{
    private static readonly StoredPassword Chosen = new PasswordHasher(DirectoryFixture.Cheap).Hash("chosen by the user 7");
    private readonly DirectoryFixture _directory = directory;

    public void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    private IDirectoryAdministration Administration => _directory.Administration;

    [ContractFact]
    public async Task Mail_for_a_disabled_alias_is_refused_even_with_a_catch_all_and_nobody_may_send_as_it()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        await _directory.AliasAsync("info@example.org", "ann@example.org");
        await _directory.AliasAsync("@example.org", "ann@example.org");
        Assert.True(await _directory.Store.MaySendAsAsync(ann.Id, EmailAddress.Parse("info@example.org"), default));
        Assert.True(await Administration.SetAliasEnabledAsync(DirectoryFixture.Alias("Info@example.org"), false, default));
        Assert.False(await Administration.SetAliasEnabledAsync(DirectoryFixture.Alias("info@example.org"), false, default));
        await _directory.HeardAsync();
        Assert.IsType<RecipientResolution.Disabled>(await _directory.ResolveAsync("info@example.org"));
        Assert.IsType<RecipientResolution.Disabled>(await _directory.ResolveAsync("info+tag@example.org"));
        Assert.False(await _directory.Store.MaySendAsAsync(ann.Id, EmailAddress.Parse("info@example.org"), default));
        Assert.Equal(["ann@example.org"], (await _directory.Store.AddressesOfAsync(ann.Id, default)).Select(static a => a.ToString()));
        Assert.True(await Administration.SetAliasEnabledAsync(DirectoryFixture.Alias("info@example.org"), true, default));
        await _directory.HeardAsync();
        Assert.IsType<RecipientResolution.Alias>(await _directory.ResolveAsync("info@example.org"));
    }

    [ContractFact]
    public async Task A_disabled_catch_all_is_as_good_as_none_and_the_postmaster_is_always_reached()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        await _directory.AliasAsync("@example.org", "zoe@else.test");
        await _directory.AliasAsync("postmaster@example.org", "zoe@else.test");
        await Administration.SetAliasEnabledAsync(DirectoryFixture.Alias("@example.org"), false, default);
        await Administration.SetAliasEnabledAsync(DirectoryFixture.Alias("postmaster@example.org"), false, default);
        await _directory.HeardAsync();
        Assert.IsType<RecipientResolution.Unknown>(await _directory.ResolveAsync("nobody@example.org"));
        Assert.Equal(ann.Id, Assert.IsType<RecipientResolution.Local>(await _directory.ResolveAsync("postmaster@example.org")).Account);
        Assert.Equal(ann.Id, Assert.IsType<RecipientResolution.Local>(await _directory.ResolveAsync("abuse@example.org")).Account);
    }

    [ContractFact]
    public async Task One_target_is_removed_but_not_the_last_and_a_new_one_has_the_state_and_comment_of_the_alias()
    {
        var info = DirectoryFixture.Alias("info@example.org");
        await _directory.AddAsync("ann@example.org");
        await _directory.AliasAsync("info@example.org", "ann@example.org", "zoe@else.test");
        await Administration.SetAliasEnabledAsync(info, false, default);
        Assert.True(await Administration.SetAliasCommentAsync(info, "the web site", default));
        Assert.False(await Administration.SetAliasCommentAsync(info, "the web site", default));
        await Administration.RemoveAliasTargetAsync(info, EmailAddress.Parse("ZOE@else.test"), default);
        Assert.Equal(DirectoryRefusal.AliasTargetUnknown, await RemoveTargetRefusal(info, "zoe@else.test"));
        Assert.Equal(DirectoryRefusal.AliasTargetIsLast, await RemoveTargetRefusal(info, "ann@example.org"));
        Assert.Equal(DirectoryRefusal.AliasUnknown, await RemoveTargetRefusal(DirectoryFixture.Alias("no@example.org"), "ann@example.org"));
        await _directory.AliasAsync("info@example.org", "max@else.test");
        var alias = Assert.Single(await Administration.ListAliasesAsync(null, default));
        Assert.Equal(["ann@example.org", "max@else.test"], alias.Targets.Select(static t => t.ToString()));
        Assert.Equal((false, "the web site"), (alias.Enabled, alias.Comment));
        await Administration.RemoveAliasTargetAsync(info, EmailAddress.Parse("ann@example.org"), default);
        Assert.Equal((false, "the web site"), (await Administration.ListAliasesAsync(null, default)).Select(static a => (a.Enabled, a.Comment)).Single());
    }

    [ContractFact]
    public async Task An_invitation_sets_the_password_once_by_any_of_sixty_requests()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        var secret = InvitationSecret.New();
        var digest = InvitationSecret.DigestOf(secret)!;
        var added = await Administration.AddInvitationAsync(ann.Address, new NewInvitation(digest, TimeProvider.System.GetUtcNow().AddDays(1)), default);
        Assert.Equal(ann.Address, added.Address);
        Assert.Equal(added, await Administration.FindInvitationAsync(digest, default));
        Assert.Null(await Administration.FindInvitationAsync(InvitationSecret.DigestOf(InvitationSecret.New())!, default));
        var results = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => Task.Run(async () => await Administration.UseInvitationAsync(digest, Chosen, default))));
        Assert.Single(results, static r => r);
        await _directory.HeardAsync();
        Assert.True(PasswordHasher.Verify("chosen by the user 7", (await _directory.Store.FindLoginAsync(ann.Address, default))!.PasswordHash));
        Assert.Equal("used", Assert.Single(await Administration.ListInvitationsAsync(default)).StateAt(TimeProvider.System.GetUtcNow()));
    }

    [ContractFact]
    public async Task An_invitation_ends_with_a_new_password_and_does_not_open_a_disabled_account()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        var digest = InvitationSecret.DigestOf(InvitationSecret.New())!;
        await Administration.AddInvitationAsync(ann.Address, new NewInvitation(digest, TimeProvider.System.GetUtcNow().AddDays(1)), default);
        await Administration.SetEnabledAsync(ann.Address, false, default);
        Assert.False(await Administration.UseInvitationAsync(digest, Chosen, default));
        await Administration.SetEnabledAsync(ann.Address, true, default);
        await Administration.SetPasswordAsync(ann.Address, Chosen, default);
        Assert.False(await Administration.UseInvitationAsync(digest, Chosen, default));
    }

    [ContractFact]
    public async Task A_new_invitation_replaces_the_earlier_one_and_an_expired_removed_or_orphaned_one_opens_nothing()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        var (first, second) = (InvitationSecret.DigestOf(InvitationSecret.New())!, InvitationSecret.DigestOf(InvitationSecret.New())!);
        await Administration.AddInvitationAsync(ann.Address, new NewInvitation(first, TimeProvider.System.GetUtcNow().AddDays(1)), default);
        await Administration.AddInvitationAsync(ann.Address, new NewInvitation(second, TimeProvider.System.GetUtcNow().AddMinutes(-1)), default);
        Assert.False(await Administration.UseInvitationAsync(first, Chosen, default));
        Assert.False(await Administration.UseInvitationAsync(second, Chosen, default));
        Assert.Equal("expired", Assert.Single(await Administration.ListInvitationsAsync(default)).StateAt(TimeProvider.System.GetUtcNow()));
        await Administration.RemoveInvitationAsync(ann.Address, default);
        Assert.Equal(DirectoryRefusal.InvitationUnknown, await DirectoryFixture.RefusalAsync(() => Administration.RemoveInvitationAsync(ann.Address, default)));
        await Administration.AddInvitationAsync(ann.Address, new NewInvitation(first, TimeProvider.System.GetUtcNow().AddDays(1)), default);
        await Administration.RemoveAccountAsync(ann.Address, default);
        Assert.False(await Administration.UseInvitationAsync(first, Chosen, default));
        Assert.Empty(await Administration.ListInvitationsAsync(default));
    }

    [ContractFact]
    public async Task Several_accounts_are_added_all_or_none()
    {
        await _directory.AddAsync("ann@example.org");
        NewAccount New(string address) => new(EmailAddress.Parse(address), Chosen);
        var invitation = new NewInvitation(InvitationSecret.DigestOf(InvitationSecret.New())!, TimeProvider.System.GetUtcNow().AddDays(1));
        Assert.Equal(DirectoryRefusal.AccountExists, await DirectoryFixture.RefusalAsync(() => Administration.AddAccountsAsync([New("bob@example.org"), New("ann@example.org")], default)));
        Assert.Single(await Administration.ListAccountsAsync(null, default));
        var added = await Administration.AddAccountsAsync([New("bob@example.org") with { Quota = 500 }, New("cat@example.org") with { Quota = 0, Invitation = invitation }], default);
        Assert.Equal(["bob@example.org", "cat@example.org"], added.Select(static a => a.Address.ToString()));
        var accounts = (await Administration.ListAccountsAsync(null, default)).ToDictionary(static a => a.Address.ToString(), StringComparer.Ordinal);
        Assert.Equal((500, true), (accounts["bob@example.org"].Quota, accounts["bob@example.org"].HasOwnQuota));
        Assert.Equal((null, true), (accounts["cat@example.org"].Quota, accounts["cat@example.org"].HasOwnQuota));
        Assert.Equal("cat@example.org", Assert.Single(await Administration.ListInvitationsAsync(default)).Address.ToString());
    }

    private Task<DirectoryRefusal> RemoveTargetRefusal(AliasAddress alias, string target) =>
        DirectoryFixture.RefusalAsync(() => Administration.RemoveAliasTargetAsync(alias, EmailAddress.Parse(target), default));
}

/// <summary>The same, in mail.db.</summary>
public sealed class SqliteAliasAndInvitationTests() : AliasAndInvitationTests(new SqliteDirectoryFixture());

/// <summary>The same, in PostgreSQL.</summary>
public sealed class PostgresAliasAndInvitationTests() : AliasAndInvitationTests(new Postgres.PostgresDirectoryFixture());
