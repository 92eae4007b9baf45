using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Storage.Tests.Directory;

/// <summary>The settings of domains, in both databases: every one is kept, reported once, and seen by other processes.</summary>
public abstract class DomainSettingsTests(DirectoryFixture directory) : IDisposable
{
    private const string Domain = "example.org";
    private static readonly EmailAddress Ann = EmailAddress.Parse("ann@example.org");

    private IDirectoryAdministration Administration => directory.Administration;

    public void Dispose()
    {
        directory.Dispose();
        GC.SuppressFinalize(this);
    }

    [ContractFact]
    public async Task A_disabled_domain_refuses_mail_and_sign_ins_of_all_its_addresses_and_keeps_the_state_of_each()
    {
        var ann = await directory.AddAsync("ann@example.org");
        await directory.AddAsync("ben@example.org");
        await directory.AddAsync("carol@example.net");
        await directory.AliasAsync("info@example.org", "carol@example.net");
        await directory.AliasAsync("@example.org", "ann@example.org");
        await Administration.SetEnabledAsync(EmailAddress.Parse("ben@example.org"), enabled: false, default);
        using var other = directory.OpenAnother();
        Assert.True((await other.FindAccountAsync(ann.Id, default))!.Enabled);

        Assert.True(await Administration.SetDomainEnabledAsync(Domain, enabled: false, default));
        Assert.False(await Administration.SetDomainEnabledAsync(Domain, enabled: false, default));
        await directory.HeardAsync();
        foreach (var address in (string[])["ann@example.org", "ann+tag@example.org", "ben@example.org", "info@example.org", "nobody@example.org", "postmaster@example.org", "abuse@example.org"])
            Assert.Equal(new RecipientResolution.Disabled(IsDomain: true), await other.ResolveAsync(EmailAddress.Parse(address), default));
        Assert.True(await other.IsHostedAsync(Domain, default));
        Assert.Equal(new HostedDomain(Domain, false, null), await other.FindDomainAsync(Domain, default));
        Assert.Equal((false, true), StateOf((await other.FindLoginAsync(Ann, default))!.Account));
        Assert.Equal((false, true), StateOf((await other.FindAccountAsync(ann.Id, default))!));
        Assert.False(await other.MaySendAsAsync(ann.Id, Ann, default));
        Assert.IsType<RecipientResolution.Local>(await other.ResolveAsync(EmailAddress.Parse("carol@example.net"), default));
        Assert.False(await Administration.SetEnabledAsync(Ann, enabled: true, default));

        Assert.True(await Administration.SetDomainEnabledAsync(Domain, enabled: true, default));
        await directory.HeardAsync();
        Assert.Equal([(true, true), (false, false)], (await Administration.ListAccountsAsync(Domain, default)).Select(StateOf));
        Assert.IsType<RecipientResolution.Local>(await other.ResolveAsync(Ann, default));
        Assert.Equal(new RecipientResolution.Disabled(), await other.ResolveAsync(EmailAddress.Parse("ben@example.org"), default));
        Assert.IsType<RecipientResolution.Alias>(await other.ResolveAsync(EmailAddress.Parse("nobody@example.org"), default));
    }

    [ContractFact]
    public async Task Every_setting_is_kept_and_reports_whether_it_changed_something()
    {
        await Administration.AddDomainAsync(Domain, default);
        await Administration.AddDomainAsync("example.net", default);
        using var other = directory.OpenAnother();
        Assert.Null((await other.FindDomainAsync(Domain, default))!.MtaSts);
        foreach (var expected in (bool[])[true, false])
        {
            Assert.Equal(expected, await Administration.SetDomainMtaStsAsync(Domain, MtaStsMode.Enforce, default));
            Assert.Equal(expected, await Administration.SetDomainCommentAsync(Domain, "the choir", default));
            Assert.Equal(expected, await Administration.SetCatchAllAsync(Domain, [Ann, EmailAddress.Parse("ben@example.net")], default));
        }

        await directory.HeardAsync();
        Assert.Equal(MtaStsMode.Enforce, (await other.FindDomainAsync(Domain, default))!.MtaSts);
        var entry = await other.Administration.RequireDomainAsync(Domain, default);
        Assert.Equal((MtaStsMode.Enforce, "the choir", true, 1), (entry.MtaSts, entry.Comment, entry.Enabled, entry.Aliases));
        Assert.Equal(["ann@example.org", "ben@example.net"], entry.CatchAll!.Targets.Select(static t => t.ToString()));
        Assert.Null((await other.Administration.RequireDomainAsync("example.net", default)).CatchAll);
        foreach (var expected in (bool[])[true, false])
        {
            Assert.Equal(expected, await Administration.SetDomainMtaStsAsync(Domain, null, default));
            Assert.Equal(expected, await Administration.SetDomainCommentAsync(Domain, "", default));
            Assert.Equal(expected, await Administration.SetCatchAllAsync(Domain, [], default));
        }

        Assert.Null((await Administration.RequireDomainAsync(Domain, default)).CatchAll);
    }

    [ContractFact]
    public async Task A_catch_all_replaces_the_alias_keeps_its_comment_and_is_enabled_again()
    {
        await directory.AddAsync("ann@example.org");
        await directory.AliasAsync("@example.org", "ben@example.net");
        await Administration.SetAliasCommentAsync(AliasAddress.OfDomain(Domain), "old", default);
        await Administration.SetAliasEnabledAsync(AliasAddress.OfDomain(Domain), enabled: false, default);
        Assert.True(await Administration.SetCatchAllAsync(Domain, [EmailAddress.Parse("ben@example.net")], default));
        var alias = Assert.Single(await Administration.ListAliasesAsync(Domain, default));
        Assert.Equal((true, "old", "ben@example.net"), (alias.Enabled, alias.Comment, alias.Targets.Single().ToString()));
        Assert.True(await Administration.SetCatchAllAsync(Domain, [Ann], default));
        Assert.Equal("ann@example.org", (await Administration.ListAliasesAsync(Domain, default)).Single().Targets.Single().ToString());
    }

    [ContractFact]
    public async Task Settings_of_a_domain_that_is_not_hosted_are_refused()
    {
        Assert.Equal(DirectoryRefusal.DomainUnknown, await DirectoryFixture.RefusalAsync(() => Administration.SetDomainEnabledAsync(Domain, false, default)));
        Assert.Equal(DirectoryRefusal.DomainUnknown, await DirectoryFixture.RefusalAsync(() => Administration.SetDomainMtaStsAsync(Domain, null, default)));
        Assert.Equal(DirectoryRefusal.DomainUnknown, await DirectoryFixture.RefusalAsync(() => Administration.SetDomainCommentAsync(Domain, "", default)));
        Assert.Equal(DirectoryRefusal.DomainUnknown, await DirectoryFixture.RefusalAsync(() => Administration.SetCatchAllAsync(Domain, [], default)));
    }

    private static (bool Enabled, bool Itself) StateOf(Account account) => (account.Enabled, account.EnabledItself);
}

/// <summary>The same, in mail.db.</summary>
public sealed class SqliteDomainSettingsTests() : DomainSettingsTests(new SqliteDirectoryFixture());

/// <summary>The same, in PostgreSQL.</summary>
public sealed class PostgresDomainSettingsTests() : DomainSettingsTests(new Postgres.PostgresDirectoryFixture());
