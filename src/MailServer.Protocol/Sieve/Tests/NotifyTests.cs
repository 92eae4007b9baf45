using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>valid_notify_method</c> (RFC 5435 §4): whether all of the methods can be used. Only <c>mailto</c> can.</summary>
internal sealed class ValidNotifyMethodTest(IReadOnlyList<SieveText> methods) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments) => new ValidNotifyMethodTest(arguments.Texts("the URIs of methods"));

    public override bool Evaluate(SieveRun run) => run.Expand(methods).All(static m => MailtoUri.TryParse(m, out _));
}

/// <summary><c>notify_method_capability</c> (RFC 5435 §5). Whether somebody reads mail now is never known.</summary>
internal sealed class NotifyCapabilityTest(SieveText method, SieveText capability, SieveMatcher matcher) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        var match = new MatchArguments(arguments);
        var method = arguments.Text("the URI of a method");
        return new NotifyCapabilityTest(method, arguments.Text("the name of a capability"), match.Keys());
    }

    public override bool Evaluate(SieveRun run) =>
        MailtoUri.TryParse(method.Expand(run), out _) && capability.Expand(run).Equals("online", StringComparison.OrdinalIgnoreCase) && matcher.Matches(["maybe"], run);
}
