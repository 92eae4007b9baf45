using System.Net;
using System.Net.Sockets;

namespace MailServer.Network.Listeners;

/// <summary>A socket cannot listen on its address and port.</summary>
public sealed class ListenFailedException : IOException
{
    public ListenFailedException(EndPoint endPoint, SocketException failure) : base($"{endPoint}: {failure?.Message}", failure) => (EndPoint, Failure) = (endPoint, failure!);

    public EndPoint EndPoint { get; }

    public SocketException Failure { get; }
}
