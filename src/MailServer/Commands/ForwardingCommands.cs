using System.CommandLine;
using MailServer.Common;

namespace MailServer.Commands;

/// <summary><c>forwarding show|ask|confirm|set|off|forget</c>: the forwarding that users see on their page.</summary>
internal static class ForwardingCommands
{
    private static readonly Argument<string> Account = new("USER") { Description = "The user's address." };
    private static readonly Argument<string> Address = new("ADDRESS") { Description = "The address to which mail is forwarded." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "forwarding", "Manage the forwarding of a user's mail. An address must agree first.", Show(factory), Ask(factory), Confirm(factory), Set(factory), Off(factory), Forget(factory));

    private static Command Show(CommandFactory factory) => factory.Action(
        "show", "List the addresses that have agreed or were asked, and where mail is forwarded.", ["forwarding show ann@example.org", "forwarding show ann@example.org --json"], [Account, factory.Json], async (context, cancel) =>
        {
            using var store = RuleCommands.Open(context);
            var found = await store.ReadAsync(context.Get(Account), cancel);
            if (found.Fault is { } fault) throw new CommandFailure($"the script 'rules' was edited with another program: {fault}");
            var listing = new Listing("address", "state", "forwards", "keeps_copy");
            foreach (var address in found.ForwardAddresses) listing.Add(address.Address, address.State, address.Forwards, address.KeepsCopy);
            return context.Print(listing);
        });

    private static Command Ask(CommandFactory factory) => factory.Action(
        "ask", "Send an address a code, which shows that it agrees. Repeat it to send another code.", ["forwarding ask ann@example.org ann@example.net"], [Account, Address], async (context, cancel) =>
        {
            using var store = Open(context);
            await store.AskForwardingAsync(context.Get(Account), context.Get(Address), cancel);
            context.WriteLine($"sent a code to {context.Get(Address)}");
            return ExitCodes.Success;
        });

    private static Command Confirm(CommandFactory factory)
    {
        var code = new Argument<string>("CODE") { Description = "The code from the message." };
        return factory.Action("confirm", "Enter the code that an address got.", ["forwarding confirm ann@example.org abcd-efgh-jkmn"], [Account, code], async (context, cancel) =>
        {
            using var store = Open(context);
            var done = await store.ConfirmForwardingAsync(context.Get(Account), context.Get(code), cancel);
            context.WriteLine($"{done.Address} has agreed");
            return ExitCodes.Success;
        });
    }

    private static Command Set(CommandFactory factory)
    {
        var noCopy = new Option<bool>("--no-copy") { Description = "Keep no copy. The user's rules then do not see the mail." };
        return factory.Action(
            "set", "Forward all mail except junk to an address that has agreed.", ["forwarding set ann@example.org ann@example.net", "forwarding set ann@example.org ann@example.net --no-copy"], [Account, Address, noCopy],
            async (context, cancel) =>
            {
                using var store = Open(context);
                var (user, address) = (context.Get(Account), context.Get(Address));
                var done = await store.SetForwardingAsync(user, address, !context.Get(noCopy), cancel);
                context.WriteLine(done.Changed ? $"mail to {user} is forwarded to {address}" : "nothing changed: it is forwarded like that already");
                return ExitCodes.Success;
            });
    }

    private static Command Off(CommandFactory factory) => factory.Action("off", "End the forwarding of all mail. Rules that forward stay.", ["forwarding off ann@example.org"], [Account], async (context, cancel) =>
    {
        using var store = Open(context);
        var done = await store.SetForwardingAsync(context.Get(Account), "", keepsCopy: true, cancel);
        context.WriteLine(done.Changed ? "mail is no longer forwarded" : "nothing changed: mail is not forwarded");
        return ExitCodes.Success;
    });

    private static Command Forget(CommandFactory factory) => factory.Action("forget", "Remove an address from the list.", ["forwarding forget ann@example.org ann@example.net"], [Account, Address], async (context, cancel) =>
    {
        using var store = Open(context);
        await store.ForgetForwardingAsync(context.Get(Account), context.Get(Address), cancel);
        context.WriteLine($"removed {context.Get(Address)}");
        return ExitCodes.Success;
    });

    private static SocketRuleStore Open(CommandContext context) => RuleRunCommands.Open(context);
}
