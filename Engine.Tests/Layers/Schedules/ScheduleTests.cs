using Engine.Layers;

namespace Engine.Tests.Layers.Schedules;

/// <summary>Each schedule against the formula of PyTorch's documentation, with a rate of 1.</summary>
public class ScheduleTests
{
    public static IEnumerable<TestCaseData> Formulas()
    {
        yield return Case("Constant", Schedule.Constant(0.3), _ => 0.3);
        // StepLR: decays by gamma every step_size.
        yield return Case("Step", Schedule.Step(7, 0.5), t =>
        {
            double rate = 1;
            for (int i = 1; i <= t; i++)
                if (i % 7 == 0) rate *= 0.5;
            return rate;
        });
        yield return Case("MultiStep", Schedule.MultiStep([0, 3, 10, 10, 25], 0.5), t => 0.5 * (t >= 3 ? 0.5 : 1) * (t >= 10 ? 0.25 : 1) * (t >= 25 ? 0.5 : 1));
        yield return Case("Exponential", Schedule.Exponential(0.93), t => Math.Exp(t * Math.Log(0.93)));
        // CosineAnnealingLR: η_min + ½(η_max − η_min)(1 + cos(T_cur/T_max · π)); it would rise again after T_max, and this stays.
        yield return Case("Cosine", Schedule.Cosine(20, 0.1), t => t > 20 ? 0.1 : 0.1 + 0.5 * (1 - 0.1) * (1 + Math.Cos(t / 20.0 * Math.PI)));
        // CosineAnnealingWarmRestarts: the same with T_i = T_0, T_0·T_mult, …
        yield return Case("CosineRestarts", Schedule.CosineRestarts(6, 1, 0.2), t => 0.2 + 0.5 * 0.8 * (1 + Math.Cos(t % 6 / 6.0 * Math.PI)));
        yield return Case("CosineRestarts, longer", Schedule.CosineRestarts(3, 2), t =>
        {
            var (from, length) = t < 3 ? (0, 3) : t < 9 ? (3, 6) : t < 21 ? (9, 12) : (21, 24);
            return 0.5 * (1 + Math.Cos((double)(t - from) / length * Math.PI));
        });
        // LinearLR, then another from its own beginning, as SequentialLR does.
        yield return Case("Warmup", Schedule.Warmup(5, Schedule.Exponential(0.9), 0.25), t => t < 5 ? 0.25 + 0.75 / 5 * t : Math.Pow(0.9, t - 5));
        yield return Case("Warmup, alone", Schedule.Warmup(4), t => Math.Min(1, t / 4.0));
        yield return Case("Warmup, none", Schedule.Warmup(0, Schedule.Step(2)), t => Math.Pow(0.1, t / 2));
        // PolynomialLR: (1 − min(t, total)/total)^power.
        yield return Case("Polynomial", Schedule.Polynomial(20, 2), t => t > 20 ? 0 : (1 - t / 20.0) * (1 - t / 20.0));
        yield return Case("Polynomial, line to 0.5", Schedule.Polynomial(10, last: 0.5), t => Math.Max(0.5, 1 - 0.05 * t));
        // OneCycleLR, annealed by cosines: end + (start − end)/2 · (1 + cos(π·part)).
        yield return Case("OneCycle", Schedule.OneCycle(20), t => Cycle(t, (a, b, part) => b + (a - b) / 2 * (Math.Cos(Math.PI * part) + 1)));
        yield return Case("OneCycle, lines", Schedule.OneCycle(20, linear: true), t => Cycle(t, (a, b, part) => (b - a) * part + a));

        static TestCaseData Case(string name, Schedule schedule, Func<int, double> formula) => new TestCaseData(schedule, formula).SetArgDisplayNames(name);

        // total 20, pct_start 0.3: up to step 0.3·20 − 1 = 5, down to step 19; max_lr/25, then that over 10⁴.
        static double Cycle(int t, Func<double, double, double, double> anneal)
            => t <= 5 ? anneal(0.04, 1, t / 5.0) : anneal(1, 0.04 / 1e4, Math.Min(1, (t - 5) / 14.0));
    }

    [TestCaseSource(nameof(Formulas))]
    public void At_IsTheFormula(Schedule schedule, Func<int, double> formula)
    {
        for (int t = 0; t < 40; t++) Assert.That(schedule.At(t), Is.EqualTo(formula(t)).Within(1e-12), $"step {t}");
    }

    [Test]
    public void LongRuns_AreNoTrouble()
    {
        const long far = 1_000_000_000_000;
        Assert.That(Schedule.CosineRestarts(10, 3).At(far), Is.InRange(0, 1));
        Assert.That(Schedule.CosineRestarts(10).At(far + 5), Is.EqualTo(0.5).Within(1e-9));
        Assert.That(Schedule.Exponential(0.9).At(far), Is.Zero);
        Assert.That(Schedule.OneCycle(100).At(far), Is.EqualTo(4e-6).Within(1e-18));
        Assert.That(Schedule.OneCycle(2, rise: 0.5).At(0), Is.EqualTo(1));
        Assert.That(Schedule.OneCycle(100, rise: 0).At(0), Is.LessThan(1));
        Assert.That(Schedule.OneCycle(100, rise: 1).At(99), Is.EqualTo(1));
        Assert.That(Schedule.OneCycle(100, rise: 1).At(100), Is.EqualTo(4e-6).Within(1e-18));
    }

    [Test]
    public void SettingsOutsideTheirRange_AreRefused()
    {
        Assert.That(() => Schedule.Step(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Schedule.Step(3, double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Schedule.MultiStep([3, 2]), Throws.ArgumentException.With.Message.Contains("rising order"));
        Assert.That(() => Schedule.MultiStep([-1]), Throws.ArgumentException);
        Assert.That(() => Schedule.Exponential(-0.5), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Schedule.Cosine(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Schedule.Cosine(3, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Schedule.CosineRestarts(3, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Schedule.Warmup(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Schedule.OneCycle(1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Schedule.OneCycle(9, rise: 1.1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Schedule.OneCycle(9, divisor: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Schedule.Polynomial(9, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Schedule.Constant().At(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Schedule(t => 1 - t).At(2), Throws.InvalidOperationException.With.Message.Contains("gave -1 for step 2"));
    }
}
