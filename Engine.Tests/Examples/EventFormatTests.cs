using System.Text.Json.Nodes;
using Engine.Core;
using Engine.Examples;
using Engine.Layers;

namespace Engine.Tests.Examples;

/// <summary>TensorBoard's files as <c>examples -- watch</c> reads them.</summary>
public class EventFormatTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => folder.Dispose();

    [Test]
    public void Events_OfATraining_AreItsSteps()
    {
        var history = Train(epochs: 2);
        var lines = Lines(Read(0, ""));
        var steps = lines.Where(line => (string?)line["kind"] == "step").ToArray();
        Assert.That(steps.Select(line => (int)line["step"]!), Is.EqualTo(Enumerable.Range(1, 8)));
        Assert.That(steps.Select(line => (double)line["learning_rate"]!), Is.All.EqualTo(.1).Within(1e-6));
        Assert.That(lines.Where(line => (string?)line["kind"] == "epoch").Select(line => (double)line["loss"]!), Is.EqualTo(history.Select(e => e.Loss)).Within(1e-5));
    }

    [Test]
    public void Record_HalfWritten_IsLeft_AndOneWithAWrongChecksum_IsCounted()
    {
        Train(epochs: 1);
        string file = Files().Single();
        byte[] whole = File.ReadAllBytes(file);
        File.WriteAllBytes(file, whole[..^5]);
        var first = Read(0, "");
        File.WriteAllBytes(file, whole);
        var second = Read(first.Offset, first.Mark);
        Assert.That((first.Lines.Count, second.Lines.Count, second.IsReset, second.Skipped), Is.EqualTo((4, 1, false, 0)));
        whole[^10] ^= 1;                                            // in the last record's numbers
        File.WriteAllBytes(file, whole);
        var damaged = Read(0, "");
        Assert.That((damaged.Lines.Count, damaged.Skipped), Is.EqualTo((4, 1)));
    }

    [Test]
    public void Files_FollowOneAnother()
    {
        Train(epochs: 1);
        string first = Files().Single(), second = first + ".2";
        File.Copy(first, second);
        using (var cut = new FileStream(first, FileMode.Open)) cut.SetLength(cut.Length - 5);     // its writer died
        var lines = new List<string>();
        int skipped = 0;
        LogPart part = new(false, 0, "", 0, true, []);
        for (int i = 0; i < 10 && part.IsMore; i++)
        {
            part = Read(part.Offset, part.Mark);
            lines.AddRange(part.Lines);
            skipped += part.Skipped;
        }
        Assert.That((lines.Count, skipped, part.IsMore), Is.EqualTo((9, 1, false)));
    }

    private string[] Files() => [.. Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal)];

    private LogPart Read(long offset, string mark) => LogReader.Read(Files(), new EventFormat(), offset, mark);

    private static JsonNode[] Lines(LogPart part) => [.. part.Lines.Select(line => JsonNode.Parse(line)!)];

    /// <summary>Four steps an epoch.</summary>
    private History Train(int epochs)
    {
        var model = new Sequential { new Linear(2, 1, new Rng(1)) };
        var data = new DataLoader<Example>(Datasets.From(Tensor.From([.. Enumerable.Range(0, 16).Select(i => i / 16f)], [8, 2]), Tensor.Ones([8, 1])), new NumberCollator([2], [1]), 2);
        return new Trainer(model, new Sgd(model.Parameters, .1), Loss.MeanSquaredError).Fit(data, epochs: epochs, callbacks: [new TensorBoardLog(folder.Path, everySteps: 1)]);
    }
}
