using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>size</c> (RFC 5228 §5.9).</summary>
internal sealed class SizeTest(bool isOver, long limit) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        var direction = arguments.OneOf(null, "over", "under");
        if (direction is null) arguments.Error("'size' needs ':over' or ':under'");
        return new SizeTest(direction == "over", arguments.Number("the size in octets"));
    }

    public override bool Evaluate(SieveRun run) => isOver ? run.Message.Size > limit : run.Message.Size < limit;
}
