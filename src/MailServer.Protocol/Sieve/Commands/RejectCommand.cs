using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Commands;

/// <summary><c>reject</c> and <c>ereject</c> (RFC 5429).</summary>
internal sealed class RejectCommand(SieveText reason, bool inSession) : SieveCommand
{
    public static SieveCommand Check(SieveArguments arguments) => new RejectCommand(arguments.Text("the text for the sender"), inSession: false);

    public static SieveCommand CheckInSession(SieveArguments arguments) => new RejectCommand(arguments.Text("the text for the sender"), inSession: true);

    public override SieveFlow Run(SieveRun run)
    {
        run.KeepsImplicitly = false;
        run.Add(new SieveReject(reason.Expand(run), inSession));
        return SieveFlow.Next;
    }
}
