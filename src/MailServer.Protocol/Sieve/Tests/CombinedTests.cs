using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>allof</c> and <c>anyof</c> (RFC 5228 §5.2, §5.3): from left to right, no further than necessary.</summary>
internal sealed class ListTest(IReadOnlyList<SieveTest> tests, bool all) : SieveTest
{
    public static SieveTest CheckAll(SieveArguments arguments) => new ListTest(arguments.TestList(), all: true);

    public static SieveTest CheckAny(SieveArguments arguments) => new ListTest(arguments.TestList(), all: false);

    public override bool Evaluate(SieveRun run)
    {
        foreach (var test in tests)
        {
            if (run.Test(test) != all) return !all;
        }

        return all;
    }
}

/// <summary><c>not</c> (RFC 5228 §5.8).</summary>
internal sealed class NotTest(SieveTest test) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments) => new NotTest(arguments.Test());

    public override bool Evaluate(SieveRun run) => !run.Test(test);
}

/// <summary><c>true</c> and <c>false</c> (RFC 5228 §5.6, §5.10).</summary>
internal sealed class ConstantTest(bool value) : SieveTest
{
    public override bool Evaluate(SieveRun run) => value;
}
