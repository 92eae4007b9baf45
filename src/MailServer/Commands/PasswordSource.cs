using System.CommandLine;
using MailServer.Common;
using MailServer.Storage.Directory;

namespace MailServer.Commands;

/// <summary>Reads a new password from an option, from a line of stdin, or from a prompt without echo that asks twice.</summary>
internal sealed class PasswordSource
{
    public Option<string> Password { get; } = new("--password") { Description = "The password. Other users of this machine can see it in the process list.", HelpName = "P" };

    public Option<bool> FromStdin { get; } = new("--password-stdin") { Description = "Read the password from the first line of stdin." };

    public string Read(CommandContext context, string address)
    {
        var password = context.Get(Password);
        if (password is not null && context.Get(FromStdin)) throw new CommandFailure("--password and --password-stdin are mutually exclusive", ExitCodes.Usage);
        password ??= context.Get(FromStdin) ? context.Shell.In.ReadLine() ?? "" : Ask(context.Shell, address);
        if (PasswordHasher.IsAcceptable(password)) return password;
        throw new CommandFailure(password.Length == 0
            ? "the password is empty"
            : $"the password is not valid: at most {PasswordHasher.MaxPasswordLength} octets, no control characters");
    }

    private static string Ask(Shell shell, string address)
    {
        if (shell.PromptSecret is not { } ask) throw new CommandFailure("no terminal to prompt for the password; use --password-stdin", ExitCodes.Usage);
        var first = ask($"New password for {address}: ") ?? throw new CommandFailure("no password given");
        return ask("Repeat the password: ") == first ? first : throw new CommandFailure("the passwords do not match");
    }
}
