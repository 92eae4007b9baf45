namespace MailServer.Domain.Sessions;

/// <summary>
/// What identifies a TLS connection or its server, so that a sign-in can be bound to it (RFC 5056): somebody in between who passes it on from another connection fails. A value is null if the
/// connection does not have it.
/// </summary>
/// <param name="Exporter">The binding <c>tls-exporter</c> (RFC 9266), which is unique for the connection.</param>
/// <param name="EndPoint">The binding <c>tls-server-end-point</c> (RFC 5929 §4), a hash of the server's certificate.</param>
public sealed record TlsBindings(ReadOnlyMemory<byte>? Exporter, ReadOnlyMemory<byte>? EndPoint)
{
    /// <summary>The value of the binding with this name; null if the connection does not have it.</summary>
    public ReadOnlyMemory<byte>? Find(string name) => name switch
    {
        "tls-exporter" => Exporter,
        "tls-server-end-point" => EndPoint,
        _ => null,
    };
}
