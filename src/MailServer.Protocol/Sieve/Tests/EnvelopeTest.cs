using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>envelope</c> (RFC 5228 §5.4).</summary>
internal sealed class EnvelopeTest(Func<SieveAddress, string?> part, IReadOnlyList<SieveText> fields, SieveMatcher matcher) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        var part = AddressPart.Read(arguments);
        var match = new MatchArguments(arguments);
        var fields = arguments.Texts("the parts of the envelope");
        foreach (var field in fields.Select(static f => f.Constant).OfType<string>().Where(static f => !IsKnown(f)))
            arguments.Error($"the envelope has no part '{field}'", "use \"from\" or \"to\"");
        return new EnvelopeTest(part, fields, match.Keys());
    }

    public override bool Evaluate(SieveRun run) => matcher.Matches(run.Expand(fields).Where(IsKnown).Select(f => Value(run, f)).OfType<string>(), run);

    private static bool IsKnown(string field) => field.Equals("from", StringComparison.OrdinalIgnoreCase) || field.Equals("to", StringComparison.OrdinalIgnoreCase);

    // The null sender is the empty string, whatever part is asked for.
    private string? Value(SieveRun run, string field)
    {
        var address = field.Equals("from", StringComparison.OrdinalIgnoreCase) ? run.Facts.Envelope.Sender : run.Facts.Envelope.Recipient;
        return address is "" or "<>" ? "" : SieveAddress.OfEnvelope(address) is { } read ? part(read) : null;
    }
}
