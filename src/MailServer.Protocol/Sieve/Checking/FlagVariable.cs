using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Checking;

/// <summary>Variables that hold flags (RFC 5232 §2).</summary>
internal static class FlagVariable
{
    public static void CheckAll(SieveArguments arguments, IReadOnlyList<SieveText> names)
    {
        arguments.Checker.Require("variables", arguments.Offset, "a variable of flags");
        foreach (var name in names)
        {
            if (name.Constant is not { } constant || !SieveText.IsVariableName(constant)) arguments.Error("the name of a variable was expected before the flags");
        }
    }
}
