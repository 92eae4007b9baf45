using System.CommandLine;
using MailServer.Common;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>out-of-office show|set|off</c>: the automatic reply that users see on their page.</summary>
internal static class OutOfOfficeCommands
{
    private static readonly Argument<string> Account = new("USER") { Description = "The user's address." };

    public static Command Create(CommandFactory factory) =>
        CommandFactory.Group("out-of-office", "Manage a user's automatic reply for a time of absence.", Show(factory), Set(factory), Off(factory));

    private static Command Show(CommandFactory factory) => factory.Action(
        "show", "Show a user's automatic reply, and whether it is sent now.", ["out-of-office show ann@example.org", "out-of-office show ann@example.org --json"], [Account, factory.Json], async (context, cancel) =>
        {
            using var store = RuleCommands.Open(context);
            var found = await store.ReadAsync(context.Get(Account), cancel);
            if (found.Fault is { } fault) throw new CommandFailure($"the script 'rules' was edited with another program: {fault}");
            var listing = new Listing("state", "start", "end", "zone", "to", "subject", "text");
            if (found.OutOfOffice is { } absence) listing.Add(absence.State, absence.Start ?? "", absence.End ?? "", absence.Zone, absence.To, absence.Subject, absence.Text);
            return context.Print(listing);
        });

    private static Command Set(CommandFactory factory)
    {
        var text = new Option<string>("--text") { Description = "The text.", HelpName = "TEXT", Required = true };
        var subject = new Option<string?>("--subject") { Description = "The subject. Default: made of the subject of the message.", HelpName = "TEXT" };
        var start = new Option<string?>("--start") { Description = "When it begins, such as '2026-12-21' or '2026-12-21 08:00'. Default: now.", HelpName = "TIME" };
        var end = new Option<string?>("--end") { Description = "When it ends. Default: with 'out-of-office off'.", HelpName = "TIME" };
        var zone = new Option<string>("--zone") { Description = "The time zone of both times, such as Europe/Berlin.", HelpName = "ZONE", DefaultValueFactory = static _ => TimeZoneInfo.Local.HasIanaId ? TimeZoneInfo.Local.Id : "UTC" };
        var contacts = new Option<bool>("--contacts-only") { Description = "Reply only to people in the user's address books." };
        return factory.Action(
            "set", "Reply to mail automatically, once a week to each sender. Lists, programs, bounces and junk never get a reply.",
            ["out-of-office set ann@example.org --start 2026-12-21 --end '2027-01-04 08:00' --zone Europe/Berlin --text 'I am away until 4 January.'", "out-of-office set ann@example.org --contacts-only --text 'I am ill.'"],
            [Account, text, subject, start, end, zone, contacts], async (context, cancel) =>
            {
                using var store = RuleCommands.Open(context);
                var absence = new OutOfOfficeDocument(
                    "", context.Get(start), context.Get(end), context.Get(zone)!, context.Get(contacts) ? OutOfOfficeDocument.Contacts : OutOfOfficeDocument.Everyone, context.Get(subject) ?? "", context.Get(text)!);
                var account = context.Get(Account);
                var done = await store.SetOutOfOfficeAsync(account, absence, cancel);
                var state = (await store.ReadAsync(account, cancel)).OutOfOffice?.State ?? "off";
                context.WriteLine($"{(done.Changed ? "saved" : "nothing changed")}; the automatic reply is {state}");
                return ExitCodes.Success;
            });
    }

    private static Command Off(CommandFactory factory) => factory.Action(
        "off", "End the automatic reply now. Its text is kept.", ["out-of-office off ann@example.org"], [Account], async (context, cancel) =>
        {
            using var store = RuleCommands.Open(context);
            var done = await store.EndOutOfOfficeAsync(context.Get(Account), cancel);
            context.WriteLine(done.Changed ? "the automatic reply is off" : "nothing changed: the automatic reply is off already");
            return ExitCodes.Success;
        });
}
