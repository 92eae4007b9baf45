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
        foreach (var name in names.Select(static n => n.Constant).OfType<string>().Where(SieveExtensions.IsKnown)) arguments.Checker.Allow(name);
        return new IhaveTest(names.All(static n => n.Constant is { } name && SieveExtensions.IsKnown(name)));
    }

    public override bool Evaluate(SieveRun run) => isThere;
}
