using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>ihave</c> (RFC 5463): what it names can be used in the rest of the script.</summary>
internal sealed class IhaveTest(bool isThere) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        var names = arguments.Texts("the names of extensions");
        if (names.Any(static n => n.Constant is null)) arguments.Error("variables cannot be used here");
        var isThere = names.All(n => n.Constant is { } name && IsThere(arguments.Checker, name));
        // Where one is missing, none becomes available.
        if (isThere) foreach (var name in names) arguments.Checker.Allow(name.Constant!);
        return new IhaveTest(isThere);
    }

    // What changes how a script is read must be known before it is read.
    private static bool IsThere(SieveChecker checker, string name) =>
        SieveExtensions.IsKnown(name) && (name is not ("variables" or "encoded-character") || checker.Has(name));

    public override bool Evaluate(SieveRun run) => isThere;
}
