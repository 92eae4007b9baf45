using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Checking;

/// <summary>A command that this server does not have. It may stand in a script that asks first (RFC 5463 §4), and fails if it runs.</summary>
internal sealed class FaultCommand(string message) : SieveCommand
{
    public override SieveFlow Run(SieveRun run) => throw new SieveFaultException(message);
}

/// <summary>A test that this server does not have.</summary>
internal sealed class FaultTest(string message) : SieveTest
{
    public override bool Evaluate(SieveRun run) => throw new SieveFaultException(message);
}
