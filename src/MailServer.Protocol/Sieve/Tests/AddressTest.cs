using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>address</c> (RFC 5228 §5.1): any field may contain addresses; what is no address is skipped.</summary>
internal sealed class AddressTest(FieldSelection selection, Func<SieveAddress, string?> part, IReadOnlyList<SieveText> names, SieveMatcher matcher) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        var selection = new FieldSelection(arguments);
        var part = AddressPart.Read(arguments);
        var match = new MatchArguments(arguments);
        return new AddressTest(selection, part, arguments.Texts("the names of header fields"), match.Keys());
    }

    public override bool Evaluate(SieveRun run) => matcher.Matches(Values(run), run);

    private IEnumerable<string> Values(SieveRun run)
    {
        foreach (var field in selection.Select(run, run.Expand(names)))
        {
            run.Budget.Charge(field.Value.Length);
            foreach (var address in SieveAddress.ReadAll(field.Value))
            {
                if (part(address) is { } value) yield return value;
            }
        }
    }
}
