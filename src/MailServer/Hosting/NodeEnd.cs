using Akka.Actor;
using MailServer.Common;

namespace MailServer.Hosting;

/// <summary>Which exit code follows from why a node ends: whatever nobody asked for makes systemd start the node again.</summary>
internal static class NodeEnd
{
    /// <param name="stopAsked">The process was told to stop (SIGTERM, SIGINT) before anything else ended it.</param>
    /// <param name="reason">Why the actor system ended; null when it does not say.</param>
    public static int ExitCodeOf(bool stopAsked, CoordinatedShutdown.Reason? reason) => (stopAsked, reason) switch
    {
        (true, _) => ExitCodes.Done,
        // An administrator asked for it: 'mailserver cluster leave'.
        (_, CoordinatedShutdown.ClusterLeavingReason) => ExitCodes.Done,
        _ => ExitCodes.StartAgain,
    };
}
