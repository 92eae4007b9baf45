using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Storage.Access;

namespace MailServer.Commands;

/// <summary><c>audit</c>: sign-ins, bans and administrative changes. It reads the database, so it works while the server is stopped.</summary>
internal static class AuditCommand
{
    private const int Newest = 1_000;

    public static Command Create(CommandFactory factory)
    {
        var since = new Option<string>("--since") { Description = "Show only events from the last 12h, 7d, …", HelpName = "TIME" };
        var account = new Option<string>("--account") { Description = "Show only events of this user.", HelpName = "ADDRESS" };
        var max = new Option<int>("--max") { Description = "Show at most the N newest events.", HelpName = "N", DefaultValueFactory = _ => Newest };
        return factory.Action(
            "audit", "List sign-ins, bans and changes by administrators.", ["audit --since 1d", "audit --account ann@example.org --json"], [since, account, max, factory.Json], (context, _) =>
            {
                var from = DateTimeOffset.UnixEpoch;
                if (context.Get(since) is { } text)
                {
                    if (!ConfigurationValues.Duration.TryRead(text, out var age)) throw new CommandFailure($"--since takes {ConfigurationValues.Duration.Allowed}", ExitCodes.Usage);
                    from = context.Shell.Time.GetUtcNow() - age;
                }

                using var store = AccessStore.Open(context.Options.Storage.AccessPath);
                var listing = new Listing("at", "kind", "account", "by", "address", "detail");
                foreach (var e in store.Read(from, context.Get(account), Math.Max(1, context.Get(max))))
                    listing.Add(e.At, e.Kind, e.Account, e.Actor, e.Address?.ToString() ?? "", e.Detail);
                return Task.FromResult(context.Print(listing));
            });
    }
}
