using System.CommandLine;
using MailServer.Common;
using MailServer.Protocol.Sieve;
using MailServer.Protocol.Sieve.Bounds;

namespace MailServer.Commands;

/// <summary><c>sieve check FILE</c>.</summary>
internal static class SieveCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("sieve", "Check mail filtering scripts (Sieve).", Check(factory));

    private static Command Check(CommandFactory factory)
    {
        var file = new Argument<string>("FILE") { Description = "A file with a Sieve script." };
        return factory.Action(
            "check", "Report every error in a Sieve script, with line, column and a suggestion.", ["sieve check rules.sieve", "sieve check rules.sieve --json"], [file, factory.Json], (context, _) =>
                Task.FromResult(Report(context, context.Get(file))));
    }

    private static int Report(CommandContext context, string file)
    {
        if (!Path.Exists(file)) throw new CommandFailure($"no file '{file}'");
        var limits = SieveLimits.Default;
        var errors = SieveScript.Compile(NamedFile.ReadAll(file, limits.MaxScriptSize), limits).Errors;
        if (context.WantsJson)
        {
            var listing = new Listing("line", "column", "error", "suggestion");
            foreach (var error in errors) listing.Add(error.Line, error.Column, error.Message, error.Suggestion ?? "");
            context.Print(listing);
        }
        else
        {
            foreach (var error in errors) context.Shell.WriteError($"{file}:{error}");
            if (errors.Count == 0) context.WriteLine($"{file}: no errors");
        }

        return errors.Count == 0 ? ExitCodes.Success : ExitCodes.Failed;
    }
}
