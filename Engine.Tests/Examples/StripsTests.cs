using System.CommandLine;
using Engine.Core;
using Engine.Examples;
using Engine.Kernels;
using Engine.Layers;
using SkiaSharp;

namespace Engine.Tests.Examples;

/// <summary><c>examples -- strips</c>, on drawn digits.</summary>
public class StripsTests
{
    private static readonly LabelledImages Digits = DrawnDigits.Draw(400, new Rng(3));

    [Test]
    public void Strips_ShowTheirDigits_FromLeftToRight()
    {
        var strips = new StripImages(Digits, 40);
        var lengths = new HashSet<int>();
        for (int i = 0; i < strips.Count; i++)
        {
            var strip = strips.Get(i, new Rng((ulong)i));
            lengths.Add(strip.Digits.Length);
            Assert.That(strip.Digits, Has.Length.InRange(Strip.LeastDigits, Strip.MostDigits).And.All.InRange(0, 9));
            Assert.That(strips.Get(i, new Rng((ulong)i)).Pixels, Is.EqualTo(strip.Pixels));
            int first = Enumerable.Range(0, Strip.Width).First(column => HasInk(strip, column)), last = Enumerable.Range(0, Strip.Width).Last(column => HasInk(strip, column));
            Assert.That(last - first, Is.LessThan(32 * strip.Digits.Length).And.GreaterThan(14 * strip.Digits.Length - 20));
        }
        Assert.That(lengths, Has.Count.EqualTo(6));

        static bool HasInk(Strip strip, int column) => Enumerable.Range(0, Strip.Height).Any(row => strip.Pixels[row * Strip.Width + column] > 128);
    }

    [Test]
    public void Reader_LearnsToRead()
    {
        using var device = new CpuDevice(2);
        var rng = new Rng(1);
        var model = new StripReader(rng).To(device);
        var trainer = Strips.Trainer(model, 5e-3);
        var train = new DataLoader<Strip>(new StripImages(Digits, 16 * Steps), new StripCollator(), 16, seed: 1);
        var history = trainer.Fit(train, null, 1, rng, []);
        var test = trainer.Evaluate(new DataLoader<Strip>(new StripImages(DrawnDigits.Draw(100, new Rng(4)), 50), new StripCollator(), 50));
        TestContext.Out.WriteLine($"loss {history[0].Loss:0.000}, then {test.Loss:0.000}; accuracy {test.Metrics["accuracy"]:0.000}");
        Assert.That(test.Metrics["accuracy"], Is.GreaterThan(0.5), "what reads blanks alone has 0");
    }

    private const int Steps = 150;

    [Test]
    public async Task Command_WritesItsLogAndPictures()
    {
        using var folder = new TemporaryFolder();
        string[] files = [.. ImageFiles.Files.Select(file => Path.ChangeExtension(file, null))];
        byte[] pixels = [.. Enumerable.Range(0, Digits.Count).SelectMany(i => Digits.Pixels(i).ToArray())];
        foreach (string images in new[] { files[0], files[2] }) folder.Write(images, IdxFileTests.Idx([Digits.Count, 28, 28], pixels));
        foreach (string labels in new[] { files[1], files[3] }) folder.Write(labels, IdxFileTests.Idx([Digits.Count], Digits.Labels.ToArray()));
        string result = folder.File("run");
        int code = await Strips.Command().Parse(["--data", folder.Path, "--limit", "20", "--batch", "10", "--epochs", "2", "--threads", "1", "--out", result])
            .InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        Assert.That(code, Is.Zero);
        using var strips = SKBitmap.Decode(Path.Combine(result, "strips.png"));
        Assert.That(strips.Width, Is.EqualTo(StripsPicture.Width));
        Assert.That(File.Exists(Path.Combine(result, "curves.png")));
        Assert.That(File.ReadAllLines(Path.Combine(result, "log.jsonl")), Has.Length.GreaterThanOrEqualTo(5), "begin, the first step, two epochs, end; steps that come at once after a line have none");
    }
}
