using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>exists</c> (RFC 5228 §5.5): whether all of the fields are there.</summary>
internal sealed class ExistsTest(FieldSelection selection, IReadOnlyList<SieveText> names) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments) =>
        new ExistsTest(new FieldSelection(arguments, takesIndex: false), arguments.Texts("the names of header fields"));

    public override bool Evaluate(SieveRun run) => run.Expand(names).All(n => selection.Select(run, [n]).Any());
}
