using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Remote.Transport;
using Google.Protobuf;
using MailServer.Network.NodeLinks;

namespace MailServer.Actors.Cluster;

/// <summary>
/// Carries Akka's messages between nodes over <see cref="NodeListener"/>. It replaces the library's own transport, which terminates the process when an
/// outgoing TLS handshake fails, for example because the other node dies at that moment.
/// </summary>
internal sealed class NodeTransport : Transport
{
    /// <summary>Configuration path, for <c>akka.remote.enabled-transports</c>.</summary>
    public const string ConfigPath = "akka.remote.node-link";

    private readonly NodeTransportSetup _setup;
    private readonly TaskCompletionSource<IAssociationEventListener> _listener = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NodeListener? _port;
    private Address _local = Address.AllSystems;

    /// <summary>Constructor used by the actor system.</summary>
    public NodeTransport(ActorSystem system, Config config)
    {
        System = system;
        Config = config;
        _setup = system.Settings.Setup.Get<NodeTransportSetup>().GetOrElse(null!) ?? throw new InvalidOperationException("there is no NodeTransportSetup");
        SchemeIdentifier = SchemeOf(_setup.Options);
        MaximumPayloadBytes = _setup.Options.MaxFrame;
    }

    public static string SchemeOf(NodeLinkOptions options) => options.Identity is null ? "tcp" : "ssl.tcp";

    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        _port = new NodeListener(_setup.Options);
        _local = new Address(SchemeIdentifier, System.Name, HostOf(_setup.PublicAddress), _port.Port);
        _ = AcceptAsync(_port);
        return Task.FromResult((_local, _listener));
    }

    public override bool IsResponsibleFor(Address remote) => true;

    public override async Task<AssociationHandle> Associate(Address remoteAddress)
    {
        if (_port is null || remoteAddress is not { Host: { } host, Port: { } port }) throw new InvalidAssociationException($"cannot connect to {remoteAddress}");
        try
        {
            return new Association(_local, remoteAddress, await _port.ConnectAsync(host, port));
        }
        catch (NodeLinkException e)
        {
            throw new InvalidAssociationException(e.Message);
        }
    }

    public override Task<bool> Shutdown()
    {
        _port?.Dispose();
        return Task.FromResult(true);
    }

    /// <summary>Accepts no connection before the actor system is ready for it.</summary>
    private async Task AcceptAsync(NodeListener port)
    {
        var listener = await _listener.Task;
        port.Start(link =>
        {
            var remote = new Address(SchemeIdentifier, System.Name, HostOf(link.Remote.Address.ToString()), link.Remote.Port);
            listener.Notify(new InboundAssociation(new Association(_local, remote, link)));
        });
    }

    /// <summary>A host name or IP address in the form used in an actor address.</summary>
    public static string HostOf(string host) =>
        IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : host;

    /// <summary>One link between nodes as an Akka association.</summary>
    private sealed class Association : AssociationHandle
    {
        private readonly NodeLink _link;

        public Association(Address local, Address remote, NodeLink link) : base(local, remote)
        {
            _link = link;
            _ = ReadAsync();
        }

        public override bool Write(ByteString payload) => _link.TryWrite(payload.Memory);

        [Obsolete("As in the base class.")]
        public override void Disassociate() => _link.Dispose();

        private async Task ReadAsync()
        {
            var handler = await ReadHandlerSource.Task;
            _link.Start(
                frame => handler.Notify(new InboundPayload(UnsafeByteOperations.UnsafeWrap(frame))),
                () => handler.Notify(new Disassociated(DisassociateInfo.Unknown)));
        }
    }
}

/// <summary>Passes port and certificates to the transport.</summary>
/// <param name="options">Settings of the links between nodes.</param>
/// <param name="publicAddress">Address at which other nodes reach this node.</param>
internal sealed class NodeTransportSetup(NodeLinkOptions options, string publicAddress) : Setup
{
    public NodeLinkOptions Options => options;

    public string PublicAddress => publicAddress;
}
