using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Storage.Tests.Directory;

/// <summary>Tests that run on both databases.</summary>
public abstract class AddressResolutionTests(DirectoryFixture directory) : IDisposable
{
    private readonly DirectoryFixture _directory = directory;

    public void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    [ContractFact]
    public async Task An_account_gets_the_mail_of_its_address_in_any_case()
    {
        var account = await _directory.AddAsync("Ann@example.org");
        var local = Assert.IsType<RecipientResolution.Local>(await _directory.ResolveAsync("aNN@EXAMPLE.org"));
        Assert.Equal(account.Id, local.Account);
        Assert.Equal("aNN", local.Address.Local);
        Assert.Null(local.Tag);
    }

    [ContractFact]
    public async Task A_subaddress_reaches_the_account_and_keeps_its_tag_as_each_sender_wrote_it()
    {
        var account = await _directory.AddAsync("ann@example.org");
        Assert.Equal(new RecipientResolution.Local(account.Id, EmailAddress.Parse("ann+Lists@example.org"), "Lists"), await _directory.ResolveAsync("ann+Lists@example.org"));
        Assert.Equal(new RecipientResolution.Local(account.Id, EmailAddress.Parse("ann+lists@example.org"), "lists"), await _directory.ResolveAsync("ann+lists@example.org"));
    }

    [ContractFact]
    public async Task An_account_with_a_plus_in_its_name_takes_precedence_over_the_subaddress()
    {
        await _directory.AddAsync("ann@example.org");
        var exact = await _directory.AddAsync("ann+work@example.org");
        Assert.Equal(new RecipientResolution.Local(exact.Id, exact.Address, null), await _directory.ResolveAsync("ann+work@example.org"));
    }

    [ContractFact]
    public async Task An_alias_expands_to_its_targets_in_the_given_order()
    {
        await _directory.AddAsync("ann@example.org");
        await _directory.AliasAsync("team@example.org", "zoe@else.test", "ann@example.org");
        var alias = Assert.IsType<RecipientResolution.Alias>(await _directory.ResolveAsync("TEAM+x@example.org"));
        Assert.Equal(["zoe@else.test", "ann@example.org"], alias.Targets.Select(t => t.ToString()));
    }

    [ContractFact]
    public async Task The_catch_all_applies_only_to_unknown_addresses()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        await _directory.AliasAsync("info@example.org", "zoe@else.test");
        await _directory.AliasAsync("@example.org", "ann@example.org");
        Assert.Equal(new RecipientResolution.Local(ann.Id, ann.Address, null), await _directory.ResolveAsync("ann@example.org"));
        Assert.Equal("zoe@else.test", Assert.IsType<RecipientResolution.Alias>(await _directory.ResolveAsync("info@example.org")).Targets[0].ToString());
        Assert.Equal("ann@example.org", Assert.IsType<RecipientResolution.Alias>(await _directory.ResolveAsync("anything@example.org")).Targets[0].ToString());
    }

    [ContractFact]
    public async Task A_disabled_account_is_reported_as_such_and_never_falls_to_the_catch_all()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        await _directory.AliasAsync("@example.org", "ann@example.org");
        await _directory.Administration.SetEnabledAsync(ann.Address, enabled: false, default);
        Assert.IsType<RecipientResolution.Disabled>(await _directory.ResolveAsync("ann@example.org"));
        Assert.IsType<RecipientResolution.Disabled>(await _directory.ResolveAsync("ann+tag@example.org"));
    }

    [ContractFact]
    public async Task Other_domains_are_remote_and_unknown_local_names_are_unknown()
    {
        await _directory.AddAsync("ann@example.org");
        Assert.IsType<RecipientResolution.Remote>(await _directory.ResolveAsync("ann@else.test"));
        Assert.IsType<RecipientResolution.Unknown>(await _directory.ResolveAsync("bob@example.org"));
        Assert.IsType<RecipientResolution.Unknown>(await _directory.ResolveAsync("info@example.org"));
    }

    [ContractFact]
    public async Task Postmaster_reaches_the_oldest_enabled_account_unless_the_address_exists()
    {
        var first = await _directory.AddAsync("ann@example.org");
        var second = await _directory.AddAsync("bob@example.org");
        Assert.Equal(first.Id, Assert.IsType<RecipientResolution.Local>(await _directory.ResolveAsync("Postmaster@example.org")).Account);
        await _directory.Administration.SetEnabledAsync(first.Address, enabled: false, default);
        Assert.Equal(second.Id, Assert.IsType<RecipientResolution.Local>(await _directory.ResolveAsync("postmaster@example.org")).Account);
        await _directory.AliasAsync("postmaster@example.org", "zoe@else.test");
        Assert.IsType<RecipientResolution.Alias>(await _directory.ResolveAsync("postmaster@example.org"));
    }

    [ContractFact]
    public async Task The_addresses_of_reports_reach_the_postmaster_unless_they_exist()
    {
        var first = await _directory.AddAsync("ann@example.org");
        foreach (var name in (string[])["dmarc-reports", "tls-reports", "DMARC-Reports", "tls-reports+x"])
            Assert.Equal(first.Id, Assert.IsType<RecipientResolution.Local>(await _directory.ResolveAsync(name + "@example.org")).Account);
        Assert.IsType<RecipientResolution.Unknown>(await _directory.ResolveAsync("reports@example.org"));
        Assert.IsType<RecipientResolution.Remote>(await _directory.ResolveAsync("dmarc-reports@elsewhere.example"));
        await _directory.AliasAsync("postmaster@example.org", "zoe@else.test");
        Assert.Equal("zoe@else.test", Assert.Single(Assert.IsType<RecipientResolution.Alias>(await _directory.ResolveAsync("dmarc-reports@example.org")).Targets).ToString());
        await _directory.AliasAsync("dmarc-reports@example.org", "reports@else.test");
        Assert.Equal("reports@else.test", Assert.Single(Assert.IsType<RecipientResolution.Alias>(await _directory.ResolveAsync("dmarc-reports@example.org")).Targets).ToString());
    }

    [ContractFact]
    public async Task Abuse_reaches_the_postmaster_unless_the_address_exists()
    {
        var first = await _directory.AddAsync("ann@example.org");
        Assert.Equal(first.Id, Assert.IsType<RecipientResolution.Local>(await _directory.ResolveAsync("Abuse@example.org")).Account);
        Assert.Equal(first.Id, Assert.IsType<RecipientResolution.Local>(await _directory.ResolveAsync("abuse+x@example.org")).Account);
        Assert.True(await MaySend(first, "abuse@example.org"));
        await _directory.AliasAsync("@example.org", "all@else.test");
        Assert.Equal("all@else.test", await TargetAsync("abuse@example.org"));
        await _directory.AliasAsync("postmaster@example.org", "zoe@else.test");
        Assert.Equal("zoe@else.test", await TargetAsync("abuse@example.org"));
        await _directory.AliasAsync("abuse@example.org", "cert@else.test");
        Assert.Equal("cert@else.test", await TargetAsync("abuse@example.org"));
        var other = await _directory.AddAsync("abuse@other.test");
        Assert.Equal(other.Id, Assert.IsType<RecipientResolution.Local>(await _directory.ResolveAsync("abuse@other.test")).Account);

        async Task<string> TargetAsync(string address) => Assert.Single(Assert.IsType<RecipientResolution.Alias>(await _directory.ResolveAsync(address)).Targets).ToString();
    }

    [ContractFact]
    public async Task An_account_may_send_only_as_addresses_that_deliver_to_it()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        var bob = await _directory.AddAsync("bob@example.org");
        await _directory.AliasAsync("sales@example.org", "team@example.org");
        await _directory.AliasAsync("team@example.org", "ann+team@example.org");
        Assert.True(await MaySend(ann, "ann@example.org"));
        Assert.True(await MaySend(ann, "Ann+tag@example.org"));
        Assert.True(await MaySend(ann, "sales@example.org"));
        Assert.False(await MaySend(ann, "bob@example.org"));
        Assert.False(await MaySend(bob, "sales@example.org"));
        Assert.False(await MaySend(ann, "ann@else.test"));
    }

    [ContractFact]
    public async Task Alias_loops_are_followed_once()
    {
        var ann = await _directory.AddAsync("ann@example.org");
        await _directory.AliasAsync("a@example.org", "b@example.org");
        await _directory.AliasAsync("b@example.org", "a@example.org");
        Assert.False(await MaySend(ann, "a@example.org"));
    }

    private async Task<bool> MaySend(Account account, string sender) => await _directory.Store.MaySendAsAsync(account.Id, EmailAddress.Parse(sender), default);
}

/// <summary>Runs them on mail.db.</summary>
public sealed class SqliteAddressResolutionTests() : AddressResolutionTests(new SqliteDirectoryFixture());

/// <summary>Runs them on PostgreSQL.</summary>
public sealed class PostgresAddressResolutionTests() : AddressResolutionTests(new Postgres.PostgresDirectoryFixture());
