using System.CommandLine;
using MailServer.Actors.Filtering;
using MailServer.Common;
using MailServer.Domain.Formatting;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>rules try</c>, <c>rules apply</c> and <c>sieve run</c>: rules and scripts on mail that has arrived already.</summary>
internal static class RuleRunCommands
{
    private const string Inbox = "INBOX";

    private static readonly Argument<string> Folder = new("FOLDER") { Description = "The folder, such as INBOX or Archive/2026." };

    public static Command Try(CommandFactory factory, Argument<string> account)
    {
        var rule = Rule("Try only this rule, also if it is switched off.");
        var folder = new Option<string>("--folder") { Description = "The folder.", HelpName = "FOLDER", DefaultValueFactory = static _ => Inbox };
        var days = new Option<int>("--days") { Description = "The mail of so many days.", HelpName = "N", DefaultValueFactory = static _ => FolderRun.Month };
        return factory.Action(
            "try", "Show what the rules would do with the mail of last month. Nothing is done.",
            ["rules try ann@example.org", "rules try ann@example.org --rule 2 --folder Archive --days 365"], [account, rule, folder, days, factory.Json], async (context, cancel) =>
            {
                using var store = Open(context);
                return Print(context, await store.RunAsync(context.Get(account), context.Get(folder)!, Positive(context.Get(rule)), Positive(context.Get(days)), applies: false, cancel));
            });
    }

    public static Command Apply(CommandFactory factory, Argument<string> account)
    {
        var rule = Rule("Apply only this rule, also if it is switched off.");
        var days = Days();
        return factory.Action(
            "apply", "Apply the rules to the mail in a folder. Old mail is not forwarded or answered. Copies are stored again with each run.",
            ["rules apply ann@example.org INBOX", "rules apply ann@example.org INBOX --rule 2 --days 7"], [account, Folder, rule, days, factory.Json], async (context, cancel) =>
            {
                using var store = Open(context);
                return Print(context, await store.RunAsync(context.Get(account), context.Get(Folder), Positive(context.Get(rule)), Positive(context.Get(days)), applies: true, cancel));
            });
    }

    public static Command Run(CommandFactory factory, Argument<string> account)
    {
        var script = new Option<string?>("--script") { Description = "The name of the script. Default: what runs when mail arrives, with the administrator's scripts.", HelpName = "NAME" };
        var days = Days();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what would be done." };
        return factory.Action(
            "run", "Run a script of a user on the mail in a folder. Nothing is sent, refused or answered for old mail.",
            ["sieve run ann@example.org INBOX --dry-run", "sieve run ann@example.org INBOX --script cleanup"], [account, Folder, script, days, dryRun, factory.Json], async (context, cancel) =>
            {
                using var store = Open(context);
                return Print(context, await store.RunScriptAsync(context.Get(account), context.Get(Folder), context.Get(script), Positive(context.Get(days)), !context.Get(dryRun), cancel));
            });
    }

    private static Option<int?> Rule(string description) => new("--rule") { Description = description, HelpName = "NUMBER" };

    private static Option<int?> Days() => new("--days") { Description = "Only the mail of so many days. Default: all.", HelpName = "N" };

    private static int? Positive(int? number) => number is null or > 0 ? number : throw new CommandFailure($"{number} is not a number from 1", ExitCodes.Usage);

    /// <summary>Opens the rules of all accounts in the running server.</summary>
    public static SocketRuleStore Open(CommandContext context) => AdminClient.IsRunning(context.Options.Storage.AdminSocketPath)
        ? new SocketRuleStore(context.Options.Storage.AdminSocketPath)
        : throw new CommandFailure("the server is not running");

    private static int Print(CommandContext context, FolderRunDocument run)
    {
        var listing = new Listing("uid", "received", "from", "subject", "actions");
        foreach (var message in run.Messages) listing.Add((long)message.Uid, message.ReceivedAt, message.From, message.Subject, message.Actions.ToArray());
        context.Print(listing);
        foreach (var fault in run.Faults) context.Shell.WriteError($"warning: {fault}");
        if (!context.WantsJson) context.WriteLine(Summary(run));
        return run.Applied && run.Faults.Count > 0 ? ExitCodes.Failed : ExitCodes.Success;
    }

    private static string Summary(FolderRunDocument run)
    {
        var more = run.Matched > run.Messages.Count ? $", of which the newest {run.Messages.Count} are listed" : "";
        var found = $"{run.Folder}: {Quantity.Of(run.Examined, "message")} examined, {run.Matched} matched{more}";
        if (!run.Applied) return $"{found}; nothing was done";
        var left = run.Left > 0 ? $", {run.Left} left as they are" : "";
        return $"{found}; {run.Moved} moved, {run.Copied} copied, {run.Marked} marked, {run.Deleted} deleted{left}";
    }
}
