using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Storage.Tests.Directory;

/// <summary>Domains that are aliases of others, aliases with patterns, and mailing lists, in both databases.</summary>
public abstract class DomainAliasAndListTests(DirectoryFixture directory) : IDisposable
{
    private const string Domain = "example.org";
    private const string Other = "example.net";
    private static readonly EmailAddress List = EmailAddress.Parse("team@example.org");
    private static readonly EmailAddress Ann = EmailAddress.Parse("ann@example.org");

    private IDirectoryAdministration Administration => directory.Administration;

    public void Dispose()
    {
        directory.Dispose();
        GC.SuppressFinalize(this);
    }

    [ContractFact]
    public async Task Every_address_of_a_domain_alias_is_the_same_name_of_the_other_domain()
    {
        var ann = await directory.AddAsync("ann@example.org");
        await directory.AliasAsync("info@example.org", "zoe@else.test");
        await Administration.AddDomainAsync(Other, default);
        Assert.True(await Administration.SetDomainAliasOfAsync(Other, Domain, default));
        Assert.False(await Administration.SetDomainAliasOfAsync(Other, Domain, default));
        Assert.Equal(new RecipientResolution.Local(ann.Id, EmailAddress.Parse("Ann+x@example.net"), "x"), await directory.ResolveAsync("Ann+x@example.net"));
        Assert.Equal("zoe@else.test", Assert.Single(Assert.IsType<RecipientResolution.Alias>(await directory.ResolveAsync("info@example.net")).Targets).ToString());
        Assert.Equal(ann.Id, Assert.IsType<RecipientResolution.Local>(await directory.ResolveAsync("postmaster@example.net")).Account);
        Assert.IsType<RecipientResolution.Unknown>(await directory.ResolveAsync("nobody@example.net"));
        Assert.True(await directory.Store.MaySendAsAsync(ann.Id, EmailAddress.Parse("ann@example.net"), default));
        Assert.Equal(["ann@example.org", "ann@example.net"], (await directory.Store.AddressesOfAsync(ann.Id, default)).Select(static a => a.ToString()));
        Assert.Equal(Domain, (await Administration.RequireDomainAsync(Other, default)).AliasOf);

        await Administration.SetDomainEnabledAsync(Domain, enabled: false, default);
        Assert.Equal(new RecipientResolution.Disabled(IsDomain: true), await directory.ResolveAsync("ann@example.net"));
        await Administration.SetDomainEnabledAsync(Domain, enabled: true, default);
        Assert.True(await Administration.SetDomainAliasOfAsync(Other, null, default));
        Assert.False(await Administration.SetDomainAliasOfAsync(Other, null, default));
        Assert.IsType<RecipientResolution.Unknown>(await directory.ResolveAsync("ann@example.net"));
    }

    [ContractFact]
    public async Task Domain_aliases_cannot_be_a_circle_or_a_chain()
    {
        foreach (var domain in (string[])["a.test", "b.test", "c.test"]) await Administration.AddDomainAsync(domain, default);
        Assert.Equal(DirectoryRefusal.DomainAliasLoop, await DirectoryFixture.RefusalAsync(() => Administration.SetDomainAliasOfAsync("a.test", "a.test", default)));
        Assert.True(await Administration.SetDomainAliasOfAsync("a.test", "b.test", default));
        Assert.Equal(DirectoryRefusal.DomainAliasLoop, await DirectoryFixture.RefusalAsync(() => Administration.SetDomainAliasOfAsync("b.test", "a.test", default)));
        Assert.Equal(DirectoryRefusal.DomainAliasLoop, await DirectoryFixture.RefusalAsync(() => Administration.SetDomainAliasOfAsync("c.test", "a.test", default)));
        Assert.Equal(DirectoryRefusal.DomainHasNames, await DirectoryFixture.RefusalAsync(() => Administration.SetDomainAliasOfAsync("b.test", "c.test", default)));
        Assert.Equal(DirectoryRefusal.DomainHasNames, await DirectoryFixture.RefusalAsync(() => Administration.RemoveDomainAsync("b.test", false, default)));
        Assert.Equal(DirectoryRefusal.DomainUnknown, await DirectoryFixture.RefusalAsync(() => Administration.SetDomainAliasOfAsync("c.test", "d.test", default)));
        await Administration.RemoveDomainAsync("a.test", false, default);
        await Administration.RemoveDomainAsync("b.test", false, default);
    }

    [ContractFact]
    public async Task A_domain_alias_has_no_addresses_of_its_own()
    {
        await directory.AddAsync("ann@example.org");
        await directory.AddAsync("ben@example.net");
        Assert.Equal(DirectoryRefusal.DomainHasAddresses, await DirectoryFixture.RefusalAsync(() => Administration.SetDomainAliasOfAsync(Other, Domain, default)));
        await Administration.RemoveAccountAsync(EmailAddress.Parse("ben@example.net"), default);
        await Administration.SetDomainAliasOfAsync(Other, Domain, default);
        var address = EmailAddress.Parse("info@example.net");
        Assert.Equal(DirectoryRefusal.DomainIsAlias, await DirectoryFixture.RefusalAsync(() => directory.AddAsync("ben@example.net").AsValue()));
        Assert.Equal(DirectoryRefusal.DomainIsAlias, await DirectoryFixture.RefusalAsync(() => Administration.AddAliasAsync(AliasAddress.Of(address), [Ann], default)));
        Assert.Equal(DirectoryRefusal.DomainIsAlias, await DirectoryFixture.RefusalAsync(() => Administration.SetCatchAllAsync(Other, [Ann], default)));
        Assert.Equal(DirectoryRefusal.DomainIsAlias, await DirectoryFixture.RefusalAsync(() => Administration.AddListAsync(address, new MailingListSettings(Ann), [], default)));
        Assert.Equal(DirectoryRefusal.AliasOfItself, await DirectoryFixture.RefusalAsync(() => Administration.AddAliasAsync(DirectoryFixture.Alias("info@example.org"), [address], default)));
    }

    [ContractFact]
    public async Task An_exact_address_wins_over_patterns_and_the_longest_pattern_wins()
    {
        await directory.AddAsync("ann@example.org");
        await directory.AddAsync("sales-ann@example.org");
        await directory.AliasAsync("sales-*@example.org", "one@else.test");
        await directory.AliasAsync("sales-*-de@example.org", "two@else.test");
        await directory.AliasAsync("sales-info@example.org", "three@else.test");
        await directory.AliasAsync("@example.org", "all@else.test");
        Assert.IsType<RecipientResolution.Local>(await directory.ResolveAsync("Sales-Ann@example.org"));
        Assert.IsType<RecipientResolution.Local>(await directory.ResolveAsync("sales-ann+x@example.org"));
        await LeadsToAsync("sales-x@example.org", "one@else.test");
        await LeadsToAsync("SALES-x@example.org", "one@else.test");
        await LeadsToAsync("sales-@example.org", "one@else.test");
        await LeadsToAsync("sales-x+tag@example.org", "one@else.test");
        await LeadsToAsync("sales-x-de@example.org", "two@else.test");
        await LeadsToAsync("sales-x-de+tag@example.org", "two@else.test");
        await LeadsToAsync("sales-info@example.org", "three@else.test");
        await LeadsToAsync("sales@example.org", "all@else.test");
        Assert.DoesNotContain("sales-*@example.org", (await directory.Store.AddressesOfAsync((await directory.AddAsync("one@example.org")).Id, default)).Select(static a => a.ToString()));

        await Administration.SetAliasEnabledAsync(DirectoryFixture.Alias("sales-*@example.org"), false, default);
        Assert.IsType<RecipientResolution.Disabled>(await directory.ResolveAsync("sales-x@example.org"));
    }

    [ContractFact]
    public async Task Patterns_are_bounded_and_cannot_lead_to_themselves()
    {
        await Administration.AddDomainAsync(Domain, default);
        foreach (var wrong in (string[])["*@example.org", "a**b@example.org", "*a*b*@example.org", "**@example.org"])
            Assert.Equal(DirectoryRefusal.AliasPatternInvalid, await DirectoryFixture.RefusalAsync(() => Administration.AddAliasAsync(DirectoryFixture.Alias(wrong), [Ann], default)));
        Assert.Equal(DirectoryRefusal.AliasOfItself, await DirectoryFixture.RefusalAsync(() => Administration.AddAliasAsync(DirectoryFixture.Alias("sales-*@example.org"), [EmailAddress.Parse("sales-x@example.org")], default)));
        for (var i = 0; i < AliasPattern.MostOfDomain; i++) await directory.AliasAsync($"p{i}-*@example.org", "zoe@else.test");
        Assert.Equal(DirectoryRefusal.TooManyPatterns, await DirectoryFixture.RefusalAsync(() => Administration.AddAliasAsync(DirectoryFixture.Alias("more-*@example.org"), [Ann], default)));
        await directory.AliasAsync("p0-*@example.org", "yan@else.test");
    }

    [ContractFact]
    public async Task A_list_keeps_its_settings_and_members_and_its_owner_has_addresses()
    {
        await directory.AddAsync("ann@example.org");
        var settings = new MailingListSettings(Ann) { Name = "The team", Posting = ListPosting.Anyone, RepliesToList = true };
        Assert.Equal(2, (await Administration.AddListAsync(List, settings, [Ann, EmailAddress.Parse("zoe@else.test"), Ann], default)).Count);
        using var other = directory.OpenAnother();
        foreach (var name in (string[])["team@example.org", "TEAM@example.org", "team+x@example.org"])
        {
            var found = Assert.IsType<RecipientResolution.List>(await other.ResolveAsync(EmailAddress.Parse(name), default)).Details;
            Assert.Equal((List, settings, true), (found.Address, found.Settings, found.Enabled));
            Assert.Equal(["ann@example.org", "zoe@else.test"], found.Members.Select(static m => m.ToString()));
        }

        foreach (var name in (string[])["team-owner@example.org", "owner-team@example.org", "Team-Bounces@example.org", "team-request@example.org"])
            Assert.Equal(Ann, Assert.Single(Assert.IsType<RecipientResolution.Alias>(await other.ResolveAsync(EmailAddress.Parse(name), default)).Targets));
        Assert.IsType<RecipientResolution.Unknown>(await other.ResolveAsync(EmailAddress.Parse("other-owner@example.org"), default));
        Assert.False(await Administration.SetListAsync(List, settings, default));
        Assert.True(await Administration.SetListAsync(List, settings with { Posting = ListPosting.Owner }, default));
        Assert.True(await Administration.SetListEnabledAsync(List, false, default));
        Assert.False(await Administration.SetListEnabledAsync(List, false, default));
        await Administration.RemoveListMemberAsync(List, Ann, default);
        await directory.HeardAsync();
        Assert.IsType<RecipientResolution.Disabled>(await other.ResolveAsync(List, default));
        var listed = Assert.Single(await other.Administration.ListMailingListsAsync(Domain, default));
        Assert.Equal((ListPosting.Owner, false, "zoe@else.test"), (listed.Settings.Posting, listed.Enabled, Assert.Single(listed.Members).ToString()));
        Assert.Equal(1, (await Administration.RequireDomainAsync(Domain, default)).Lists);
        await Administration.RemoveListAsync(List, default);
        await directory.HeardAsync();
        Assert.IsType<RecipientResolution.Unknown>(await other.ResolveAsync(List, default));
    }

    [ContractFact]
    public async Task A_list_is_never_its_own_member_or_owner()
    {
        await Administration.AddDomainAsync(Domain, default);
        await Administration.AddDomainAsync(Other, default);
        await Administration.SetDomainAliasOfAsync(Other, Domain, default);
        await Administration.AddListAsync(List, new MailingListSettings(Ann), [], default);
        foreach (var self in (string[])["team@example.org", "TEAM+x@example.org", "team-owner@example.org", "owner-team@example.org", "team@example.net", "team-bounces@example.net"])
        {
            var address = EmailAddress.Parse(self);
            Assert.Equal(DirectoryRefusal.ListOfItself, await DirectoryFixture.RefusalAsync(() => Administration.AddListMembersAsync(List, [address], default)));
            Assert.Equal(DirectoryRefusal.ListOfItself, await DirectoryFixture.RefusalAsync(() => Administration.SetListAsync(List, new MailingListSettings(address), default)));
        }
    }

    [ContractFact]
    public async Task An_address_is_an_account_an_alias_or_a_list()
    {
        await directory.AddAsync("ann@example.org");
        await directory.AliasAsync("info@example.org", "zoe@else.test");
        await Administration.AddListAsync(List, new MailingListSettings(Ann), [], default);
        Assert.Equal(DirectoryRefusal.AddressIsAccount, await RefusedAsync("ann@example.org"));
        Assert.Equal(DirectoryRefusal.AddressIsAlias, await RefusedAsync("info@example.org"));
        Assert.Equal(DirectoryRefusal.AddressIsList, await RefusedAsync("team@example.org"));
        foreach (var wrong in (string[])["a+b@example.org", "team-owner@example.org", "a*@example.org", ".a@example.org", new string('x', 49) + "@example.org"])
            Assert.Equal(DirectoryRefusal.ListAddressInvalid, await RefusedAsync(wrong));
        Assert.Equal(DirectoryRefusal.AddressIsList, await DirectoryFixture.RefusalAsync(() => directory.AddAsync("team@example.org").AsValue()));
        Assert.Equal(DirectoryRefusal.AddressIsList, await DirectoryFixture.RefusalAsync(() => Administration.AddAliasAsync(AliasAddress.Of(List), [Ann], default)));
        var many = Enumerable.Range(0, MailingList.MostMembers + 1).Select(static i => EmailAddress.Parse($"m{i}@else.test")).ToArray();
        Assert.Equal(DirectoryRefusal.TooManyMembers, await DirectoryFixture.RefusalAsync(() => Administration.AddListMembersAsync(List, many, default)));
        Assert.Empty((await Administration.RequireListAsync(List, default)).Members);
        Assert.Equal(MailingList.MostMembers, (await Administration.AddListMembersAsync(List, many[1..], default)).Count);

        Task<DirectoryRefusal> RefusedAsync(string address) => DirectoryFixture.RefusalAsync(() => Administration.AddListAsync(EmailAddress.Parse(address), new MailingListSettings(Ann), [], default));
    }

    [ContractFact]
    public async Task A_removed_account_leaves_its_lists_and_the_postmaster_becomes_their_owner()
    {
        await directory.AddAsync("ann@example.org");
        await directory.AddAsync("ben@example.org");
        await Administration.AddListAsync(List, new MailingListSettings(Ann), [Ann, EmailAddress.Parse("ben@example.org")], default);
        await Administration.RemoveAccountAsync(Ann, default);
        var list = await Administration.RequireListAsync(List, default);
        Assert.Equal(("postmaster@example.org", "ben@example.org"), (list.Settings.Owner.ToString(), Assert.Single(list.Members).ToString()));
        await Administration.RemoveAccountAsync(EmailAddress.Parse("ben@example.org"), default);
        await Administration.RemoveDomainAsync(Domain, false, default);
        Assert.Empty(await Administration.ListMailingListsAsync(null, default));
    }

    private async Task LeadsToAsync(string address, string target) =>
        Assert.Equal(target, Assert.Single(Assert.IsType<RecipientResolution.Alias>(await directory.ResolveAsync(address)).Targets).ToString());
}

file static class Tasks
{
    public static ValueTask<T> AsValue<T>(this Task<T> task) => new(task);
}

/// <summary>The same on SQLite.</summary>
public sealed class SqliteDomainAliasAndListTests() : DomainAliasAndListTests(new SqliteDirectoryFixture());

/// <summary>The same on PostgreSQL.</summary>
public sealed class PostgresDomainAliasAndListTests() : DomainAliasAndListTests(new Postgres.PostgresDirectoryFixture());
