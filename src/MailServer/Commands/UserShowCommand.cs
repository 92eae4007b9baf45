using System.CommandLine;
using System.Globalization;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;
using MailServer.Storage.TextIndex;
using MailServer.Web.Admin;
using MailServer.Web.Pages;

namespace MailServer.Commands;

/// <summary><c>user show</c>: details of one user. Used space and sending counters need the running server.</summary>
internal static class UserShowCommand
{
    public static Command Create(CommandFactory factory, Argument<string> address) => factory.Action(
        "show", "Show a user: addresses, quota, used space, sending limits. Used space and sending counters need the running server.",
        ["user show ann@example.org", "user show ann@example.org --json"], [address, factory.Json], async (context, cancel) =>
        {
            var user = CommandContext.Address(context.Get(address));
            using var directory = context.OpenDirectory();
            var login = await directory.FindLoginAsync(user, cancel) ?? throw await WithoutLoginAsync(directory, user, cancel);
            var addresses = await directory.AddressesOfAsync(login.Account.Id, cancel);
            var facts = new List<(string Name, object Value, string Shown)>();
            Describe(facts, login, [.. addresses.Select(static a => a.ToString())]);
            Add(facts, context.Options, login.Account.Id);
            if (await UseAsync(context, login.Account, cancel) is { } use) Describe(facts, use);
            return context.Print(context.WantsJson ? OneRow(facts) : Lines(facts));
        });

    private static async Task<DirectoryException> WithoutLoginAsync(IDirectoryStore directory, EmailAddress user, CancellationToken cancel)
    {
        var isShared = (await directory.Administration.ListAccountsAsync(null, cancel)).Any(a => a.IsShared && a.Address.Equals(user));
        return new DirectoryException(isShared ? DirectoryRefusal.AccountIsShared : DirectoryRefusal.AccountUnknown, user.ToString());
    }

    private static void Describe(List<(string Name, object Value, string Shown)> facts, AccountCredentials login, string[] addresses)
    {
        var account = login.Account;
        Add(facts, "id", account.Id.Value);
        Add(facts, "address", account.Address.ToString());
        Add(facts, "enabled", account.Enabled);
        Add(facts, "admin", account.IsAdmin);
        Add(facts, "created", account.CreatedAt);
        facts.Add(("addresses", addresses, string.Join(' ', addresses)));
        Add(facts, "app_passwords", login.AppPasswords.Count);
        Add(facts, "app_passwords_only", login.AppPasswordsOnly);
        Add(facts, "totp", login.Totp is not null);
        Add(facts, "quota", QuotaCommands.Text(account.Quota));
        Add(facts, "quota_from", QuotaCommands.Origin(account));
    }

    private static void Describe(List<(string Name, object Value, string Shown)> facts, UserUsageDocument use)
    {
        var percent = use.Quota is > 0 and var quota ? string.Create(CultureInfo.InvariantCulture, $", {use.Used * 100.0 / quota:0} % of the quota") : "";
        facts.Add(("used", use.Used, DisplayFormat.Octets(use.Used) + percent));
        if (use.Sent is not { } sent) return;
        Add(facts, "sent_messages_today", sent.Messages);
        AddOf(facts, "sent_recipients_hour", sent.RecipientsThisHour, sent.PerHour);
        AddOf(facts, "sent_recipients_today", sent.Recipients, sent.PerDay);
        AddOf(facts, "sent_new_recipients_today", sent.NewRecipients, sent.NewPerDay);
    }

    private static void Add(List<(string Name, object Value, string Shown)> facts, MailServerOptions options, AccountId account)
    {
        if (!options.Imap.SearchIndex) return;
        var octets = TextIndexFile.SizeIn(AccountFolder.PathOf(options.Storage.MaildirPath, account));
        facts.Add(("search_index", octets, DisplayFormat.Octets(octets)));
    }

    private static void Add(List<(string Name, object Value, string Shown)> facts, string name, object value) => facts.Add((name, value, ""));

    private static void AddOf(List<(string Name, object Value, string Shown)> facts, string name, long count, int limit)
    {
        facts.Add((name, count, limit > 0 ? string.Create(CultureInfo.InvariantCulture, $"{count} of {limit}") : string.Create(CultureInfo.InvariantCulture, $"{count}, no limit")));
        if (limit > 0) facts.Add((name + "_limit", limit, Hidden));
    }

    // A limit that is already part of its counter's text.
    private const string Hidden = "\0";

    private static Listing OneRow(List<(string Name, object Value, string Shown)> facts)
    {
        var listing = new Listing([.. facts.Select(static f => f.Name)]);
        listing.Add([.. facts.Select(static f => f.Value)]);
        return listing;
    }

    private static Listing Lines(List<(string Name, object Value, string Shown)> facts)
    {
        var listing = new Listing("what", "value");
        foreach (var (name, value, shown) in facts.Where(static f => f.Shown != Hidden)) listing.Add(name.Replace('_', ' '), shown.Length > 0 ? shown : value);
        return listing;
    }

    private static async Task<UserUsageDocument?> UseAsync(CommandContext context, Account account, CancellationToken cancel)
    {
        if (!await AdminClient.IsHealthyAsync(context.Options.Storage.AdminSocketPath, cancel)) return null;
        using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
        return await server.FindAsync<UserUsageDocument>($"users/{Uri.EscapeDataString(account.Address.ToString())}/use", cancel);
    }
}
