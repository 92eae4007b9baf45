using System.CommandLine;
using MailServer.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;

namespace MailServer.Commands;

/// <summary>Reads a new password from an option, from a line of stdin, or from a prompt without echo that asks twice; refuses weak ones.</summary>
internal sealed class PasswordSource
{
    private const int MostAttempts = 3;

    private readonly Option<string> _password = new("--password") { Description = "The password. Other users of this machine can see it in the process list.", HelpName = "P" };
    private readonly Option<bool> _fromStdin = new("--password-stdin") { Description = "Read the password from the first line of stdin." };
    private readonly Option<bool> _allowWeak = new("--allow-weak-password") { Description = "Accept a password that is short or easy to guess." };

    /// <summary>The options of a command that sets a password.</summary>
    public IEnumerable<Symbol> Options => [_password, _fromStdin, _allowWeak];

    /// <summary>Whether the command line gives a password.</summary>
    public bool IsGiven(CommandContext context) => context.Get(_password) is not null || context.Get(_fromStdin);

    public string Read(CommandContext context, EmailAddress login)
    {
        var password = context.Get(_password);
        if (password is not null && context.Get(_fromStdin)) throw new CommandFailure("--password and --password-stdin are mutually exclusive", ExitCodes.Usage);
        if (password is null && !context.Get(_fromStdin)) return Ask(context, login);
        password ??= context.Shell.In.ReadLine() ?? "";
        return FindFault(context, password, login) is { } fault ? throw new CommandFailure(fault) : password;
    }

    private string? FindFault(CommandContext context, string password, EmailAddress login)
    {
        if (password.Length == 0) return "the password is empty";
        if (!PasswordHasher.IsAcceptable(password)) return $"the password is not valid: at most {PasswordHasher.MaxPasswordLength} octets, no control characters";
        return !context.Get(_allowWeak) && PasswordRule.FindFault(password, login) is { } weakness
            ? $"the password {weakness}; choose another one, or use --allow-weak-password"
            : null;
    }

    /// <summary>Prompts again after a password that cannot be used.</summary>
    private string Ask(CommandContext context, EmailAddress login)
    {
        if (context.Shell.PromptSecret is not { } ask) throw new CommandFailure("no terminal to prompt for the password; use --password-stdin", ExitCodes.Usage);
        for (var attempt = 1; ; attempt++)
        {
            var password = ask($"New password for {login}: ") ?? throw new CommandFailure("no password given");
            var fault = FindFault(context, password, login);
            if (fault is null && ask("Repeat the password: ") == password) return password;
            fault ??= "the passwords do not match";
            if (attempt == MostAttempts) throw new CommandFailure(fault);
            context.Shell.WriteError(fault);
        }
    }
}
