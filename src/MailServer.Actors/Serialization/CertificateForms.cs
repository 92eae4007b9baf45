using MailServer.Actors.Certificates;
using MailServer.Domain.Certificates;
using MailServer.Network.Acme;
using static MailServer.Actors.Serialization.WireForms;

namespace MailServer.Actors.Serialization;

/// <summary>Codecs for messages of the certificate actors.</summary>
internal static class CertificateForms
{
    public static IEnumerable<WireForm> All() =>
    [
        Empty("certificates.show-1", new CertificateProtocol.Show()),
        Form<CertificateProtocol.Shown>("certificates.shown-1", (w, m) => w.List(m.Certificates, c => Write(w, c)), r => new(r.List(() => ReadStatus(r)))),
        Form<CertificateProtocol.Renew>("certificates.renew-1", (w, m) => w.Maybe(m.Name, w.Text), r => new(r.Maybe(r.Text))),
        Form<CertificateProtocol.Renewing>("certificates.renewing-1", (w, m) => w.Int(m.Count), r => new(r.Int())),
        Form<CertificateProtocol.Issued>("certificates.issued-1", (w, m) => w.Text(m.Name), r => new(r.Text())),
        Form<CertificateProtocol.Present>("certificates.present-1", (w, m) => Write(w, m.Answer), r => new(ReadAnswer(r))),
        Empty("certificates.presented-1", CertificateProtocol.Presented.Instance),
        Form<CertificateProtocol.Withdraw>("certificates.withdraw-1", (w, m) => Write(w, m.Answer), r => new(ReadAnswer(r))),
    ];

    private static void Write(WireWriter w, ChallengeAnswer m)
    {
        w.Text(m.Name);
        w.Text(m.Token);
        w.Text(m.KeyAuthorization);
    }

    private static ChallengeAnswer ReadAnswer(WireReader r) => new(r.Text(), r.Text(), r.Text());

    private static void Write(WireWriter w, CertificateStatus m)
    {
        w.Text(m.Name);
        w.Maybe(m.Facts, f => Write(w, f));
        w.Text(m.Source);
        w.MaybeValue(m.RenewAt, w.Time);
        w.Text(m.Failure);
        w.MaybeValue(m.FailedAt, w.Time);
        w.MaybeValue(m.NextAttempt, w.Time);
    }

    private static CertificateStatus ReadStatus(WireReader r) => new(r.Text(), r.Maybe(() => ReadFacts(r)))
    {
        Source = r.Text(),
        RenewAt = r.MaybeValue(r.Time),
        Failure = r.Text(),
        FailedAt = r.MaybeValue(r.Time),
        NextAttempt = r.MaybeValue(r.Time),
    };

    private static void Write(WireWriter w, CertificateFacts m)
    {
        w.List(m.Names, w.Text);
        w.Text(m.Issuer);
        w.Bool(m.SelfSigned);
        w.Time(m.NotBefore);
        w.Time(m.NotAfter);
        w.Text(m.Key);
        w.Text(m.Fingerprint);
        w.Text(m.KeyHash);
    }

    private static CertificateFacts ReadFacts(WireReader r) => new(r.List(r.Text), r.Text(), r.Bool(), r.Time(), r.Time(), r.Text(), r.Text(), r.Text());
}
