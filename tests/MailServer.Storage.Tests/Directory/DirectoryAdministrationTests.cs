using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;

namespace MailServer.Storage.Tests.Directory;

/// <summary>Tests that run on both databases.</summary>
public abstract class DirectoryAdministrationTests(DirectoryFixture directory) : IDisposable
{
    private readonly DirectoryFixture _directory = directory;

    public void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    private IDirectoryAdministration Administration => _directory.Administration;

    [ContractFact]
    public async Task A_quota_is_the_accounts_own_or_its_domains()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        Assert.Equal((null, false), await Quota());
        await _directory.Administration.SetDomainQuotaAsync("example.org", 2_000, default);
        Assert.Equal((2_000, false), await Quota());
        await _directory.Administration.SetQuotaAsync(ann.Address, 500, default);
        Assert.Equal((500, true), await Quota());
        await _directory.Administration.SetQuotaAsync(ann.Address, 0, default);
        Assert.Equal((null, true), await Quota());
        await _directory.Administration.SetQuotaAsync(ann.Address, null, default);
        Assert.Equal((2_000, false), await Quota());
        Assert.Equal(2_000, (await _directory.Administration.ListDomainsAsync(default)).Single().Quota);
        Assert.Equal(2_000, (await _directory.Administration.ListAccountsAsync(null, default)).Single().Quota);
        Assert.Equal(2_000, (await _directory.Store.FindLoginAsync(ann.Address, default))!.Account.Quota);
        Assert.Equal(DirectoryRefusal.DomainUnknown, await DirectoryFixture.RefusalAsync(() => _directory.Administration.SetDomainQuotaAsync("other.org", 1, default)));

        async Task<(long?, bool)> Quota() => await _directory.Store.FindAccountAsync(ann.Id, default) is { } account ? (account.Quota, account.HasOwnQuota) : throw new InvalidOperationException();
    }

    [ContractFact]
    public async Task An_id_is_never_reused_while_its_folder_exists_or_after_a_lost_directory_used_it()
    {
        var first = await _directory.AddAsync("ann@example.org");
        System.IO.Directory.CreateDirectory(AccountFolder.PathOf(_directory.MaildirPath, new AccountId(first.Id.Value + 5)));
        var second = await _directory.AddAsync("bob@example.org");
        Assert.Equal(first.Id.Value + 6, second.Id.Value);
        _directory.Folders.RecordId(new AccountId(second.Id.Value + 10));
        var third = await _directory.AddAsync("carol@example.org");
        Assert.Equal(second.Id.Value + 11, third.Id.Value);
        Assert.Equal(third.Id.Value + 1, (await _directory.AddAsync("dave@example.org")).Id.Value);
        Assert.NotNull(await _directory.Store.FindLoginAsync(third.Address, default));
    }

    [ContractFact]
    public async Task A_recovered_account_has_the_id_of_its_folder_and_an_account_added_again_moves_to_it()
    {
        var password = (await _directory.AddAsync("ann@example.org"), await _directory.Store.FindLoginAsync(EmailAddress.Parse("ann@example.org"), default)).Item2!;
        var added = await Administration.AddAppPasswordAsync(EmailAddress.Parse("ann@example.org"), "phone", Domain.Access.AccessScope.Mail, new byte[32], Domain.Access.AppPasswordLimits.None, default);
        var since = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var moved = await Administration.RecoverAccountAsync(EmailAddress.Parse("ann@example.org"), new AccountId(50), since, null, default);
        Assert.Equal((50, since), (moved.Id.Value, moved.CreatedAt));
        await _directory.HeardAsync();
        Assert.Equal(password.PasswordHash, (await _directory.Store.FindLoginAsync(moved.Address, default))!.PasswordHash);
        Assert.Equal(added.Name, Assert.Single(await Administration.ListAppPasswordsAsync(moved.Address, default)).Name);
        var lost = await Administration.RecoverAccountAsync(EmailAddress.Parse("bob@example.org"), new AccountId(60), since, new PasswordHasher(DirectoryFixture.Cheap).Hash("x y z 1"), default);
        Assert.Equal(60, lost.Id.Value);
        Assert.Equal(61, (await _directory.AddAsync("carol@example.org")).Id.Value);
        Assert.Equal(3, (await Administration.ListAccountsAsync(null, default)).Count);
    }

    [ContractFact]
    public async Task A_folder_of_another_account_is_found_and_the_folder_of_a_removed_account_is_not_missed()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        var bob = await _directory.AddAsync("bob@example.org");
        foreach (var account in new[] { ann, bob })
        {
            var folder = AccountFolder.PathOf(_directory.MaildirPath, account.Id);
            System.IO.Directory.CreateDirectory(folder);
            FolderOwner.Claim(folder, account);
        }

        Assert.Empty(Compare(ann, bob).WrongOwner);
        Assert.Throws<FolderOwnerMismatchException>(() => FolderOwner.Claim(AccountFolder.PathOf(_directory.MaildirPath, bob.Id), ann));
        Assert.Equal(bob.Id, Assert.Single(Compare(ann).Orphans).Id);
        var other = ann with { CreatedAt = ann.CreatedAt.AddSeconds(1) };
        Assert.Equal(ann.Id, Assert.Single(Compare(other, bob).WrongOwner).Folder.Id);
        var renamed = ann with { Address = EmailAddress.Parse("anna@example.org") };
        FolderOwner.Claim(AccountFolder.PathOf(_directory.MaildirPath, ann.Id), renamed);
        Assert.Equal("anna@example.org", _directory.Folders.List()[0].Owner!.Address);
        await Administration.RemoveAccountAsync(bob.Address, default);
        Assert.Empty(Compare(ann).Orphans);

        FolderMismatches Compare(params Account[] accounts) => _directory.Folders.Compare(accounts);
    }

    [ContractFact]
    public async Task A_domain_cannot_be_added_twice()
    {
        await Administration.AddDomainAsync("example.org", default);
        Assert.Equal(DirectoryRefusal.DomainExists, await DirectoryFixture.RefusalAsync(() => Administration.AddDomainAsync("example.org", default)));
    }

    [ContractFact]
    public async Task A_domain_with_accounts_is_removed_only_with_its_accounts_on_request()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        await _directory.AddAsync("bob@else.test");
        await _directory.AliasAsync("info@example.org", "ann@example.org");
        await _directory.AliasAsync("info@else.test", "ann@example.org", "bob@else.test");
        Assert.Equal(DirectoryRefusal.DomainHasAccounts, await DirectoryFixture.RefusalAsync(async () => await Administration.RemoveDomainAsync("example.org", withAccounts: false, default)));
        Assert.Equal([ann], await Administration.RemoveDomainAsync("example.org", withAccounts: true, default));
        Assert.Equal(["else.test"], (await Administration.ListDomainsAsync(default)).Select(d => d.Name));
        var alias = Assert.Single(await Administration.ListAliasesAsync(null, default));
        Assert.Equal(["bob@else.test"], alias.Targets.Select(t => t.ToString()));
        Assert.Null(await _directory.Store.FindAccountAsync(ann.Id, default));
    }

    [ContractFact]
    public async Task An_account_is_an_administrator_from_grant_to_revoke_and_other_processes_see_it_at_once()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        await _directory.AddAsync("bob@example.org");
        Assert.False(ann.IsAdmin);
        using (var other = _directory.OpenAnother()) await other.Administration.SetAdminAsync(ann.Address, true, default);
        await _directory.HeardAsync();
        Assert.True((await _directory.Store.FindLoginAsync(ann.Address, default))!.Account.IsAdmin);
        Assert.Equal([ann.Address], (await Administration.ListAccountsAsync(null, default)).Where(a => a.IsAdmin).Select(a => a.Address));
        await Administration.SetAdminAsync(ann.Address, false, default);
        Assert.False((await _directory.Store.FindAccountAsync(ann.Id, default))!.IsAdmin);
        Assert.Equal(DirectoryRefusal.AccountUnknown, await DirectoryFixture.RefusalAsync(() => Administration.SetAdminAsync(EmailAddress.Parse("nobody@example.org"), true, default)));
    }

    [ContractFact]
    public async Task A_code_used_while_the_clock_was_ahead_does_not_lock_the_account()
    {
        const long Step = 60_000_000;
        const long InTenYears = 10 * 365 * 24 * 120;
        var ann = await _directory.AddAsync("ann@example.org");
        await Administration.SetTotpAsync(ann.Address, new byte[20], default);
        Assert.True(await Administration.UseTotpStepAsync(ann.Id, Step + InTenYears, default));
        Assert.True(await Administration.UseTotpStepAsync(ann.Id, Step, default));
        Assert.False(await Administration.UseTotpStepAsync(ann.Id, Step, default));
        Assert.False(await Administration.UseTotpStepAsync(ann.Id, Step - 1, default));
        Assert.True(await Administration.UseTotpStepAsync(ann.Id, Step + 1, default));
    }

    [ContractFact]
    public async Task Domains_are_listed_with_their_number_of_objects()
    {
        await _directory.AddAsync("ann@example.org");
        await _directory.AddAsync("bob@example.org");
        await _directory.AliasAsync("team@example.org", "ann@example.org", "bob@example.org");
        var domain = Assert.Single(await Administration.ListDomainsAsync(default));
        Assert.Equal(("example.org", 2, 1), (domain.Name, domain.Accounts, domain.Aliases));
    }

    [ContractFact]
    public async Task An_account_needs_a_hosted_domain_and_an_unused_address()
    {
        await _directory.AddAsync("ann@example.org");
        await _directory.AliasAsync("info@example.org", "ann@example.org");
        Assert.Equal(DirectoryRefusal.DomainUnknown, await AddRefusal("ann@else.test"));
        Assert.Equal(DirectoryRefusal.AccountExists, await AddRefusal("ANN@example.org"));
        Assert.Equal(DirectoryRefusal.AddressIsAlias, await AddRefusal("info@example.org"));
    }

    [ContractFact]
    public async Task The_id_of_a_removed_account_is_never_reused()
    {
        await _directory.AddAsync("ann@example.org");
        var last = await _directory.AddAsync("bob@example.org");
        await Administration.RemoveAccountAsync(last.Address, default);
        Assert.True((await _directory.AddAsync("bob@example.org")).Id.Value > last.Id.Value);
    }

    [ContractFact]
    public async Task Removing_an_account_removes_it_from_aliases_and_removes_aliases_left_without_targets()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        await _directory.AddAsync("ann+own@example.org");
        await _directory.AliasAsync("only@example.org", "ann+tag@example.org");
        await _directory.AliasAsync("both@example.org", "ann@example.org", "ann+own@example.org");
        await Administration.RemoveAccountAsync(ann.Address, default);
        var alias = Assert.Single(await Administration.ListAliasesAsync("example.org", default));
        Assert.Equal("both@example.org", alias.Alias.ToString());
        Assert.Equal(["ann+own@example.org"], alias.Targets.Select(t => t.ToString()));
    }

    [ContractFact]
    public async Task An_ambiguous_alias_is_refused()
    {
        await _directory.AddAsync("ann@example.org");
        await _directory.AliasAsync("info@example.org", "ann@example.org");
        Assert.Equal(DirectoryRefusal.AddressIsAccount, await AliasRefusal("ann@example.org", "zoe@else.test"));
        Assert.Equal(DirectoryRefusal.AliasOfItself, await AliasRefusal("x@example.org", "x@example.org"));
        Assert.Equal(DirectoryRefusal.AliasExists, await AliasRefusal("info@example.org", "Ann@example.org"));
        Assert.Equal(DirectoryRefusal.DomainUnknown, await AliasRefusal("@else.test", "ann@example.org"));
        Assert.Equal(DirectoryRefusal.AliasUnknown, await DirectoryFixture.RefusalAsync(() => Administration.RemoveAliasAsync(DirectoryFixture.Alias("no@example.org"), default)));
    }

    [ContractFact]
    public async Task A_refused_change_has_no_effect()
    {
        await _directory.AddAsync("ann@example.org");
        Assert.Equal(DirectoryRefusal.DomainUnknown, await AliasRefusal("x@else.test", "ann@example.org"));
        Assert.Empty(await Administration.ListAliasesAsync(null, default));
    }

    [ContractFact]
    public async Task A_new_password_replaces_hash_and_keys()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        var before = await _directory.Store.FindLoginAsync(ann.Address, default);
        await Administration.SetPasswordAsync(ann.Address, new PasswordHasher(DirectoryFixture.Cheap).Hash("another"), default);
        var after = await _directory.Store.FindLoginAsync(EmailAddress.Parse("ANN@example.org"), default);
        Assert.False(PasswordHasher.Verify("another", before!.PasswordHash));
        Assert.True(PasswordHasher.Verify("another", after!.PasswordHash));
        Assert.False(before.Scram!.StoredKey.Span.SequenceEqual(after.Scram!.StoredKey.Span));
    }

    [ContractFact]
    public async Task A_replaced_hash_keeps_keys_and_sessions_and_loses_against_a_new_password()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        var before = (await _directory.Store.FindLoginAsync(ann.Address, default))!;
        Assert.True(await Administration.ReplaceHashAsync(ann.Id, before.PasswordHash, "stronger", default));
        var after = (await _directory.Store.FindLoginAsync(ann.Address, default))!;
        Assert.Equal("stronger", after.PasswordHash);
        Assert.True(after.Accepts(before.OwnPasswordFingerprint, DateTimeOffset.UtcNow));

        await Administration.SetPasswordAsync(ann.Address, new PasswordHasher(DirectoryFixture.Cheap).Hash("another"), default);
        Assert.False(await Administration.ReplaceHashAsync(ann.Id, "stronger", "of the old password", default));
        var changed = (await _directory.Store.FindLoginAsync(ann.Address, default))!;
        Assert.True(PasswordHasher.Verify("another", changed.PasswordHash));
        Assert.False(changed.Accepts(before.OwnPasswordFingerprint, DateTimeOffset.UtcNow));
    }

    [ContractFact]
    public async Task Accounts_are_listed_by_domain_and_name()
    {
        foreach (var address in new[] { "zoe@b.test", "bob@a.test", "ann@b.test" }) await _directory.AddAsync(address);
        Assert.Equal(["bob@a.test", "ann@b.test", "zoe@b.test"], (await Administration.ListAccountsAsync(null, default)).Select(a => a.Address.ToString()));
        Assert.Equal(["bob@a.test"], (await Administration.ListAccountsAsync("a.test", default)).Select(a => a.Address.ToString()));
    }

    [ContractFact]
    public async Task Purging_deletes_only_the_folder_of_that_account()
    {
        var root = System.IO.Directory.CreateTempSubdirectory("maildir-").FullName;
        var ann = await _directory.AddAsync("ann@example.org");
        var bob = await _directory.AddAsync("bob@example.org");
        foreach (var account in new[] { ann, bob }) System.IO.Directory.CreateDirectory(Path.Combine(AccountFolder.PathOf(root, account.Id), "INBOX", "cur"));
        Assert.True(AccountFolder.Purge(root, ann.Id));
        Assert.False(AccountFolder.Purge(root, ann.Id));
        Assert.Equal([AccountFolder.PathOf(root, bob.Id)], System.IO.Directory.GetFileSystemEntries(root));
        System.IO.Directory.Delete(root, recursive: true);
    }

    [ContractFact]
    public async Task Recovery_codes_work_once_each_only_while_one_time_codes_are_enabled_and_end_with_them()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        Assert.False(await Administration.SetRecoveryCodesAsync(ann.Address, [new byte[32]], default));
        await Administration.SetTotpAsync(ann.Address, new byte[20], default);
        byte[][] digests = [.. Enumerable.Range(1, 3).Select(static n => Enumerable.Repeat((byte)n, 32).ToArray())];
        async Task<int> LeftAsync() => (await _directory.Store.FindLoginAsync(ann.Address, default))!.RecoveryCodes;
        Assert.True(await Administration.SetRecoveryCodesAsync(ann.Address, digests, default));
        Assert.False(await Administration.UseRecoveryCodeAsync(ann.Id, Enumerable.Repeat((byte)9, 32).ToArray(), default));
        // Sixty requests at once use each code once.
        var uses = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => Task.Run(async () => await Administration.UseRecoveryCodeAsync(ann.Id, digests[1], default))));
        Assert.Single(uses, true);
        Assert.False(await Administration.UseRecoveryCodeAsync(ann.Id, digests[1], default));
        await _directory.HeardAsync();
        Assert.Equal(2, await LeftAsync());
        Assert.True(await Administration.SetRecoveryCodesAsync(ann.Address, [digests[1]], default));
        Assert.False(await Administration.UseRecoveryCodeAsync(ann.Id, digests[0], default));
        Assert.True(await Administration.SetTotpAsync(ann.Address, new byte[20], default));
        Assert.False(await Administration.UseRecoveryCodeAsync(ann.Id, digests[1], default));
        Assert.True(await Administration.SetTotpAsync(ann.Address, null, default));
        Assert.False(await Administration.SetRecoveryCodesAsync(ann.Address, digests, default));
        Assert.True(await Administration.SetTotpAsync(ann.Address, new byte[20], default));
        await _directory.HeardAsync();
        Assert.Equal(0, await LeftAsync());
    }

    [ContractFact]
    public async Task The_limits_of_an_app_password_are_stored()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        Assert.True(Domain.Access.AppPasswordLimits.TryParseNetworks("192.0.2.0/24, 2001:db8::7", out var networks));
        var limits = new Domain.Access.AppPasswordLimits(DateTimeOffset.FromUnixTimeSeconds(2_000_000_000), networks);
        await Administration.AddAppPasswordAsync(ann.Address, "limited", Domain.Access.AccessScope.Mail, new byte[32], limits, default);
        await Administration.AddAppPasswordAsync(ann.Address, "free", Domain.Access.AccessScope.Mail, new byte[32], Domain.Access.AppPasswordLimits.None, default);
        await _directory.HeardAsync();
        foreach (var stored in (IReadOnlyList<Domain.Access.AppPassword>[])[await Administration.ListAppPasswordsAsync(ann.Address, default), (await _directory.Store.FindLoginAsync(ann.Address, default))!.AppPasswords])
        {
            Assert.Equal((limits.ExpiresAt, limits.NetworksText), (stored[0].Validity.ExpiresAt, stored[0].Validity.NetworksText));
            Assert.Equal(Domain.Access.AppPasswordLimits.None, stored[1].Validity);
        }
    }

    private Task<DirectoryRefusal> AddRefusal(string address) => DirectoryFixture.RefusalAsync(
        async () => await Administration.AddAccountAsync(EmailAddress.Parse(address), new PasswordHasher(DirectoryFixture.Cheap).Hash("x"), default));

    private Task<DirectoryRefusal> AliasRefusal(string alias, string target) =>
        DirectoryFixture.RefusalAsync(() => Administration.AddAliasAsync(DirectoryFixture.Alias(alias), [EmailAddress.Parse(target)], default));
}

/// <summary>Runs them on mail.db.</summary>
public sealed class SqliteDirectoryAdministrationTests() : DirectoryAdministrationTests(new SqliteDirectoryFixture());

/// <summary>Runs them on PostgreSQL.</summary>
[Trait("Speed", "Slow")]
public sealed class PostgresDirectoryAdministrationTests() : DirectoryAdministrationTests(new Postgres.PostgresDirectoryFixture());
