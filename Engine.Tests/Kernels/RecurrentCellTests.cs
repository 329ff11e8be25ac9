using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.Names))]
public class RecurrentCellTests(string name)
{
    private readonly Device device = TestDevices.Get(name);

    [TestCase(2, 1_000_000, -999_999)]
    [TestCase(2, 2, -1)]
    [TestCase(2, 1, 0)]
    [TestCase(2, -1, 1)]
    [TestCase(2, 0, 4)]
    [TestCase(3, int.MaxValue, int.MaxValue)]
    [TestCase(5, 0, 1)]
    [TestCase(-1, 0, 1)]
    public void StepsOutsideTheRows_AreRefused(int count, int first, int stride)
    {
        const int rows = 4, units = 2;
        Tensor gates = Zeros(rows, 3 * units), outputs = Zeros(rows, units), h = Zeros(rows, units), u = Zeros(rows, 3 * units), kept = Zeros(rows, units);
        RecurrentRun run = new(gates.View, outputs.View, h.View, null, kept.View);
        var tape = new RecurrentTape(gates.View, kept.View, outputs.View, null, null);
        var gradients = new RecurrentGradients(outputs.View, h.View, null, u.View, Zeros(rows, units).View, null);
        StepRows bad = new(count, first, stride), good = new(2, 1, 2);
        Refuses(() => device.RecurrentCell<GruGates>(run, u.View, bad, units));
        Refuses(() => device.RecurrentCellBackward<GruGates>(tape, gradients, bad, default, units));
        if (count > 0) Refuses(() => device.RecurrentCellBackward<GruGates>(tape, gradients, good, bad, units));
        device.RecurrentCell<GruGates>(run, u.View, good, units);
        device.Synchronize();

        void Refuses(TestDelegate act) => Assert.That(act, Throws.ArgumentException.With.Message.Contains("do not lie within"));
    }

    private Tensor Zeros(int rows, int columns) => Tensor.Zeros([rows, columns], device);
}
