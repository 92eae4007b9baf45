using System.CommandLine;
using MailServer.Common;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Sieve;
using MailServer.Protocol.Sieve.Bounds;

namespace MailServer.Commands;

/// <summary><c>sieve list|get|put|rename|delete|activate|deactivate|check|test|import</c>, through the running server or, if none runs, directly on the files.</summary>
internal static class SieveCommands
{
    private const long LargestMessage = 64 * 1024 * 1024;

    private static readonly Argument<string> Account = new("ACCOUNT") { Description = "The user's address, or @domain for the scripts of a domain." };
    private static readonly Argument<string> Name = new("NAME") { Description = "The name of the script, as shown by 'sieve list'." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "sieve", "Manage, check and try mail filtering scripts (Sieve).",
        List(factory), Get(factory), Put(factory), Rename(factory), Delete(factory), Activate(factory), Deactivate(factory), Check(factory), Test(factory), RuleRunCommands.Run(factory, Account), SieveImportCommand.Create(factory, Account));

    private static Command List(CommandFactory factory) => factory.Action(
        "list", "List a user's scripts. The active one runs when mail arrives.", ["sieve list ann@example.org", "sieve list ann@example.org --json"], [Account, factory.Json], async (context, cancel) =>
        {
            using var store = Open(context);
            var listing = new Listing("name", "active", "size", "changed", "version");
            var found = await store.ListAsync(context.Get(Account), cancel);
            foreach (var fault in found.Faults) context.Shell.WriteError($"warning: {fault}");
            foreach (var script in found.Scripts) listing.Add(script.Name, script.Active, script.Size, script.ChangedAt, script.Version);
            return context.Print(listing);
        });

    private static Command Get(CommandFactory factory) => factory.Action(
        "get", "Print a script.", ["sieve get ann@example.org main > main.sieve"], [Account, Name], async (context, cancel) =>
        {
            using var store = Open(context);
            var text = await store.ReadAsync(context.Get(Account), context.Get(Name), cancel);
            await context.Shell.Terminal.WriteFileAsync(output => output.WriteAsync(text, cancel).AsTask(), context.Shell.OpenOut);
            return ExitCodes.Success;
        });

    private static Command Put(CommandFactory factory)
    {
        var file = new Argument<string>("FILE") { Description = "A file with the script." };
        var active = new Option<bool>("--activate") { Description = "Make it the active script." };
        return factory.Action(
            "put", "Store a script for a user; one of the same name is replaced. A script with errors is not stored.",
            ["sieve put ann@example.org main main.sieve --activate", "sieve put ann@example.org holidays ~/holidays.sieve"], [Account, Name, file, active], async (context, cancel) =>
            {
                var (account, name) = (context.Get(Account), context.Get(Name));
                using var store = Open(context);
                await store.PutAsync(account, name, ReadNamed(context.Get(file), SieveLimits.Default.MaxScriptSize), cancel);
                if (context.Get(active)) await store.ActivateAsync(account, name, cancel);
                context.WriteLine(context.Get(active) ? $"stored {name}; it is active" : $"stored {name}");
                return ExitCodes.Success;
            });
    }

    private static Command Rename(CommandFactory factory)
    {
        var newName = new Argument<string>("NEW-NAME") { Description = "The new name." };
        return factory.Action(
            "rename", "Rename a script. If it is active, it stays so.", ["sieve rename ann@example.org main old"], [Account, Name, newName], async (context, cancel) =>
            {
                using var store = Open(context);
                await store.RenameAsync(context.Get(Account), context.Get(Name), context.Get(newName), cancel);
                context.WriteLine($"renamed {context.Get(Name)} to {context.Get(newName)}");
                return ExitCodes.Success;
            });
    }

    private static Command Delete(CommandFactory factory) => factory.Action(
        "delete", "Delete a script that is not active.", ["sieve delete ann@example.org holidays"], [Account, Name], async (context, cancel) =>
        {
            using var store = Open(context);
            await store.DeleteAsync(context.Get(Account), context.Get(Name), cancel);
            context.WriteLine($"deleted {context.Get(Name)}");
            return ExitCodes.Success;
        });

    private static Command Activate(CommandFactory factory) => factory.Action(
        "activate", "Run a script when mail arrives, instead of the one that is active.", ["sieve activate ann@example.org main"], [Account, Name], async (context, cancel) =>
        {
            using var store = Open(context);
            var isChanged = await store.ActivateAsync(context.Get(Account), context.Get(Name), cancel);
            context.WriteLine(isChanged ? $"{context.Get(Name)} is active" : $"nothing changed: {context.Get(Name)} is active already");
            return ExitCodes.Success;
        });

    private static Command Deactivate(CommandFactory factory) => factory.Action(
        "deactivate", "Run none of a user's scripts when mail arrives.", ["sieve deactivate ann@example.org"], [Account], async (context, cancel) =>
        {
            using var store = Open(context);
            var isChanged = await store.ActivateAsync(context.Get(Account), null, cancel);
            context.WriteLine((isChanged ? "" : "nothing changed: ") + $"no script of {context.Get(Account)} is active");
            return ExitCodes.Success;
        });

    private static Command Check(CommandFactory factory)
    {
        var file = new Argument<string>("FILE") { Description = "A file with a Sieve script." };
        return factory.Action(
            "check", "Report every error in a Sieve script, with line, column and a suggestion.", ["sieve check rules.sieve", "sieve check rules.sieve --json"], [file, factory.Json], (context, _) =>
                Task.FromResult(Report(context, context.Get(file))));
    }

    private static Command Test(CommandFactory factory)
    {
        var message = new Argument<string>("MESSAGE") { Description = "A file with a message." };
        var script = new Option<string?>("--script") { Description = "The name of the script. Default: what runs when mail arrives, with the administrator's scripts.", HelpName = "NAME" };
        var from = new Option<string?>("--from") { Description = "The envelope sender. Default: the null sender.", HelpName = "ADDRESS" };
        var to = new Option<string?>("--to") { Description = "The envelope recipient. Default: the user's address.", HelpName = "ADDRESS" };
        return factory.Action(
            "test", "Show what the scripts of a user would do with a message: every test with its result, and the actions. Nothing is done.",
            ["sieve test ann@example.org message.eml", "sieve test ann@example.org message.eml --script holidays --from ben@example.net"], [Account, message, script, from, to, factory.Json], async (context, cancel) =>
            {
                var account = CommandContext.Address(context.Get(Account));
                using var store = Open(context);
                var tested = await store.TestAsync(
                    account.ToString(), context.Get(script), ReadNamed(context.Get(message), LargestMessage), Envelope(context.Get(from)), context.Get(to) is { } named ? Envelope(named) : account.ToString(), cancel);
                if (context.WantsJson) return Print(context, tested);
                foreach (var line in tested.Trace) context.WriteLine(line);
                if (tested.Error is { } error) context.WriteLine($"error in {error}; the message is kept");
                foreach (var action in tested.Actions) context.WriteLine($"=> {action}");
                return tested.Error is null ? ExitCodes.Success : ExitCodes.Failed;
            });
    }

    private static int Print(CommandContext context, Web.Admin.ScriptTestDocument tested)
    {
        var listing = new Listing("kind", "text");
        foreach (var line in tested.Trace) listing.Add("trace", line);
        if (tested.Error is { } error) listing.Add("error", error);
        foreach (var action in tested.Actions) listing.Add("action", action);
        context.Print(listing);
        return tested.Error is null ? ExitCodes.Success : ExitCodes.Failed;
    }

    private static string Envelope(string? address) => address is null or "<>" or "" ? "" : EmailAddress.TryParse(address, out var parsed) ? parsed.ToString() : throw new CommandFailure($"'{address}' is not an email address", ExitCodes.Usage);

    private static byte[] ReadNamed(string file, long limit) => Path.Exists(file) ? NamedFile.ReadAll(file, limit) : throw new CommandFailure($"no file '{file}'");

    private static int Report(CommandContext context, string file)
    {
        var limits = SieveLimits.Default;
        var compiled = SieveScript.Compile(ReadNamed(file, limits.MaxScriptSize), limits);
        var errors = compiled.Errors;
        if (context.WantsJson)
        {
            var listing = new Listing("line", "column", "error", "suggestion");
            foreach (var error in errors) listing.Add(error.Line, error.Column, error.Message, error.Suggestion ?? "");
            context.Print(listing);
        }
        else
        {
            foreach (var error in errors) context.Shell.WriteError($"{file}:{error}");
            foreach (var warning in SieveWarnings.Of(compiled, null)) context.Shell.WriteError($"{file}:{warning.Line}:{warning.Column}: warning: {warning.Message}");
            if (errors.Count == 0) context.WriteLine($"{file}: no errors");
        }

        return errors.Count == 0 ? ExitCodes.Success : ExitCodes.Failed;
    }

    public static IScriptStore Open(CommandContext context) =>
        AdminClient.IsRunning(context.Options.Storage.AdminSocketPath) ? new SocketScriptStore(context.Options.Storage.AdminSocketPath) : new LocalScriptStore(context);
}
