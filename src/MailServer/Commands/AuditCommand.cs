using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Access;
using MailServer.Storage.Access;

namespace MailServer.Commands;

/// <summary><c>audit</c>: sign-ins, bans and administrative changes. It reads the database, so it works while the server is stopped.</summary>
internal static class AuditCommand
{
    private const int Newest = 1_000;
    private static readonly Option<string> Since = new("--since") { Description = "Show only events from the last 12h, 7d, …", HelpName = "TIME" };
    private static readonly Option<string> Until = new("--until") { Description = "Show only events that are older than 12h, 7d, …", HelpName = "TIME" };
    private static readonly Option<string> Account = new("--account") { Description = "Show only events of this user.", HelpName = "ADDRESS" };
    private static readonly Option<string> Kind = new("--kind") { Description = "Show only events of this kind, such as sign-in.failed, or sign-in for all kinds of sign-ins.", HelpName = "KIND" };
    private static readonly Option<string> By = new("--by") { Description = "Show only events of this origin, such as web.", HelpName = "NAME" };
    private static readonly Option<string> Search = new("--search") { Description = "Show only events that contain all these words.", HelpName = "WORDS" };
    private static readonly Option<int> Max = new("--max") { Description = "Show at most the N newest events.", HelpName = "N", DefaultValueFactory = _ => Newest };

    public static Command Create(CommandFactory factory) => factory.Action(
        "audit", "List sign-ins, bans and changes by administrators.",
        ["audit --since 1d", "audit --account ann@example.org --json", "audit --kind sign-in.failed --search 192.0.2.7 --since 30d"], [Since, Until, Account, Kind, By, Search, Max, factory.Json], (context, cancel) =>
        {
            var filter = new AuditFilter
            {
                Since = Ago(context, Since) ?? DateTimeOffset.UnixEpoch,
                Until = Ago(context, Until),
                Account = context.Get(Account),
                Kind = context.Get(Kind),
                By = context.Get(By),
                Text = context.Get(Search),
            };
            using var store = AccessStore.Open(context.Options.Storage.AccessPath);
            var events = Find(store, filter, Math.Max(1, context.Get(Max)), cancel);
            var listing = new Listing("at", "kind", "account", "by", "address", "detail");
            foreach (var e in events) listing.Add(e.At, e.Kind, e.Account, e.Actor, e.Address?.ToString() ?? "", e.Detail);
            return Task.FromResult(context.Print(listing));
        });

    /// <summary>Goes back through the log until there are enough events.</summary>
    private static List<AuditEvent> Find(AccessStore store, AuditFilter filter, int max, CancellationToken cancel)
    {
        var found = new List<AuditEvent>();
        for (long? before = null; ;)
        {
            cancel.ThrowIfCancellationRequested();
            var page = store.Find(filter with { Before = before, Max = max - found.Count });
            found.InsertRange(0, page.Events);
            before = page.Next;
            if (before is null || found.Count >= max) return found;
        }
    }

    private static DateTimeOffset? Ago(CommandContext context, Option<string> option)
    {
        if (context.Get(option) is not { } text) return null;
        return ConfigurationValues.Duration.TryRead(text, out var age)
            ? context.Shell.Time.GetUtcNow() - age
            : throw new CommandFailure($"the value of {option.Name} must be {ConfigurationValues.Duration.Allowed}", ExitCodes.Usage);
    }
}
