using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>valid_ext_list</c> (RFC 6134 §2.7): whether all of the lists can be used.</summary>
internal sealed class ValidListTest(IReadOnlyList<SieveText> lists) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        arguments.Checker.Needs |= SieveNeeds.Lists;
        return new ValidListTest(arguments.Texts("the names of lists"));
    }

    public override bool Evaluate(SieveRun run) => run.Expand(lists).All(run.Facts.ListExists);
}
