using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Storage.Access;

namespace MailServer.Commands;

/// <summary><c>audit</c>: who signed in, who was kept out, and who changed what. It reads the file, so it works while the server is down.</summary>
internal static class AuditCommand
{
    private const int Newest = 1_000;

    public static Command Create(CommandFactory factory)
    {
        var since = new Option<string>("--since") { Description = "Only what is not older, such as 12h or 7d.", HelpName = "TIME" };
        var account = new Option<string>("--account") { Description = "Only what is about this user.", HelpName = "ADDRESS" };
        var max = new Option<int>("--max") { Description = "At most so many events, the newest.", HelpName = "N", DefaultValueFactory = _ => Newest };
        return factory.Action(
            "audit", "Lists sign-ins, bans and changes by administrators.", ["audit --since 1d", "audit --account ann@example.org --json"], [since, account, max, factory.Json], (context, _) =>
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
