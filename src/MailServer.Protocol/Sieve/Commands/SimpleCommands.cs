using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Commands;

/// <summary><c>discard</c> (RFC 5228 §4.4): cancels the implicit keep.</summary>
internal sealed class DiscardCommand : SieveCommand
{
    public override SieveFlow Run(SieveRun run)
    {
        run.KeepsImplicitly = false;
        if (!run.Actions.Any(static a => a is SieveDiscard)) run.Add(new SieveDiscard());
        return SieveFlow.Next;
    }
}

/// <summary><c>stop</c> (RFC 5228 §3.3), also out of included scripts, and <c>return</c> (RFC 6609 §3.3).</summary>
internal sealed class FlowCommand(SieveFlow flow) : SieveCommand
{
    public override SieveFlow Run(SieveRun run) => flow;
}

/// <summary><c>error</c> (RFC 5463 §5).</summary>
internal sealed class ErrorCommand(SieveText message) : SieveCommand
{
    public static SieveCommand Check(SieveArguments arguments) => new ErrorCommand(arguments.Text("the message"));

    public override SieveFlow Run(SieveRun run) => throw new SieveFaultException(message.Expand(run));
}
